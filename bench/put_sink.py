"""An S3 server that takes every PUT over TLS and keeps nothing, so that a client's own cost can be measured."""
import contextlib
import socket
import ssl
import threading

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def take_puts(connection):
    """One connection's requests, until it closes."""
    room = memoryview(bytearray(1 << 18))
    with connection, contextlib.suppress(OSError):
        while head := read_head(connection):
            text, rest = head
            left = int(text.lower().split(b"content-length:")[1].split(b"\r\n")[0]) - len(rest)
            while left > 0:
                taken = connection.recv_into(room[:min(left, len(room))])
                if taken == 0:
                    return
                left -= taken
            connection.sendall(ANSWER)


def read_head(connection):
    """A request's head and what came of its body with it; None at the end."""
    got = b""
    while b"\r\n\r\n" not in got:
        piece = connection.recv(1 << 14)
        if not piece:
            return None
        got += piece
    return got.split(b"\r\n\r\n", 1)


def serve(listener, context):
    with contextlib.suppress(OSError):
        while True:
            plain, _ = listener.accept()
            wrapped = context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
            threading.Thread(target=take_puts, args=(wrapped,), daemon=True).start()


@contextlib.contextmanager
def put_sink(certificate, key):
    """Its URL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener, context), daemon=True).start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
