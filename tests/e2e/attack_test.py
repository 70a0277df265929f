"""What hostile peers do to the real binary: slow connections, floods of headers, smuggling shapes, early ends, old TLS, guessed
keys. Real deliveries pass meanwhile, and nothing is stored but what was acknowledged, once.

CISTERN_LONG_TESTS: 10 000 slow connections, above the limit and below, and an end at every byte.
"""
import contextlib
import gzip
import json
import os
import re
import select
import socket
import ssl
import subprocess
import time
import unittest

import envelopes
from service import ServiceCase

LONG = bool(os.environ.get("CISTERN_LONG_TESTS"))


def delivery_of(message, request_id):
    now = int(time.time() * 1000)
    return envelopes.delivery([envelopes.record(envelopes.envelope([envelopes.event(message, now)]))], now, request_id)


def messages(service):
    return sorted(json.loads(line)["message"] for path in service.archive.rglob("*.ndjson.gz")
                  for line in gzip.open(path, "rt"))


def request(service, body, request_id, *fields, length=True):
    """A delivery's bytes as Firehose sends them, with more fields if wanted."""
    lines = ["POST / HTTP/1.1", "Host: h", "X-Amz-Firehose-Protocol-Version: 1.0",
             f"X-Amz-Firehose-Request-Id: {request_id}", f"X-Amz-Firehose-Access-Key: {service.ACCESS_KEY}", *fields]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def connect(service):
    return socket.create_connection(("127.0.0.1", service.port), timeout=60)


def connect_tls(service):
    return service.tls_context().wrap_socket(connect(service), server_hostname="127.0.0.1")


def read_to_end(peer):
    """All that comes until the other side ends the connection: fails when it does not."""
    answer = b""
    try:
        while piece := peer.recv(65536):
            answer += piece
    except ConnectionResetError:
        pass
    return answer


class AttackCase(ServiceCase):
    def deliver(self, service, name):
        self.assertEqual(service.post(delivery_of(name, name), request_id=name)[0], 200)

    def assert_stored(self, service, *expected):
        """After a drain: exactly these, once each."""
        self.assertEqual(service.terminate(), 0)
        self.assertEqual(messages(service), sorted(expected))


class SlowTest(AttackCase):
    """One byte a second, where it hurts: in the handshake, in the head, in the body. Each connection ends by its deadline."""

    COUNT = 10_000 if LONG else 300
    SETTINGS = {"limits": {"connections": 20_000}, "log": {"level": "error"},
                "timeouts": {"handshake": "40s" if LONG else "2s", "header": "40s" if LONG else "2s",
                             "progress": "40s" if LONG else "5s", "reply": "60s" if LONG else "3s", "linger": "500ms"}}

    def in_the_handshake(self, service, _):
        peer = connect(service)
        peer.sendall(b"\x16\x03\x01\x40\x00\x01")  # a TLS record's head that announces a ClientHello of 16 KiB
        return peer

    def in_the_head(self, service, number):
        peer = connect_tls(service)
        peer.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nX-%d: " % number)
        return peer

    def in_the_body(self, service, number):
        peer = connect_tls(service)  # with the right key: others never get so far
        peer.sendall(request(service, b" " * 2000, f"slow-{number}")[:-2000])
        return peer

    @staticmethod
    def is_over(peer):
        try:
            return peer.recv(4096) == b""
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        except OSError:
            return True

    def test_deliveries_pass_and_the_slow_are_ended(self):
        service = self.service(self.SETTINGS)
        ways = [self.in_the_handshake, self.in_the_head, self.in_the_body]
        poll, peers, delivered = select.epoll(), {}, []
        self.addCleanup(poll.close)
        for number in range(self.COUNT):
            peer = ways[number % 3](service, number)
            peer.setblocking(False)
            peers[peer.fileno()] = peer
            poll.register(peer, select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR)
        give_up = time.monotonic() + (300 if LONG else 60)
        while peers:
            self.assertLess(time.monotonic(), give_up, f"{len(peers)} slow connections are still open")
            delivered.append(f"real-{len(delivered)}")
            self.deliver(service, delivered[-1])
            for peer in peers.values():
                with contextlib.suppress(OSError):
                    peer.send(b" ")
            next_byte = time.monotonic() + 1
            while peers and (left := next_byte - time.monotonic()) > 0:
                for fileno, _ in poll.poll(left):
                    if self.is_over(peers[fileno]):
                        poll.unregister(fileno)
                        peers.pop(fileno).close()
        metrics = service.metrics()
        self.assertGreaterEqual(metrics['cistern_connections_total{outcome="tls_failed"}'], self.COUNT // 3)
        self.assertGreaterEqual(metrics['cistern_deliveries_total{status="503"}'], self.COUNT // 3 * 2)
        self.assertEqual(metrics["cistern_in_flight_bytes"], 0)
        self.assert_stored(service, *delivered)


class StrangersTest(AttackCase):
    """More slow connections than `limits.connections`, none with a right access key: they push each other out, and neither a
    new delivery nor a connection over which deliveries have come."""

    COUNT = 10_000 if LONG else 400
    LIMIT = 4096 if LONG else 100
    SETTINGS = {"limits": {"connections": LIMIT}, "log": {"level": "error"},
                "timeouts": {"handshake": "5m", "header": "5m", "idle": "1h"}}  # so that none ends by its own deadline

    def hold(self, service, number):
        """One of: silent before the handshake, in it, after it, in the head."""
        peer = (connect, connect, connect_tls, connect_tls)[number % 4](service)
        if number % 4 == 1:
            peer.sendall(b"\x16\x03\x01\x40\x00\x01")
        if number % 4 == 3:
            peer.sendall(b"POST / HTTP/1.1\r\nX-Amz-Firehose-Access-Key: guess")
        return peer

    def test_they_make_room_for_each_other_and_for_deliveries(self):
        service = self.service(self.SETTINGS)
        lasting = connect_tls(service)
        self.addCleanup(lasting.close)
        delivered = []
        def deliver_over_the_lasting():
            delivered.append(f"lasting-{len(delivered)}")
            lasting.sendall(request(service, delivery_of(delivered[-1], delivered[-1]), delivered[-1]))
            self.assertEqual(lasting.recv(65536)[9:12], b"200")
        deliver_over_the_lasting()
        held = []
        for number in range(self.COUNT):
            held.append(self.hold(service, number))
            self.addCleanup(held[-1].close)
            if number % (self.COUNT // 40) == 0:
                delivered.append(f"new-{number}")
                self.deliver(service, delivered[-1])
                deliver_over_the_lasting()
        metrics = service.metrics()
        self.assertLessEqual(metrics["cistern_connections"], self.LIMIT * 9 / 8 + 8)
        self.assertGreaterEqual(metrics['cistern_connections_total{outcome="dropped_stranger"}'], self.COUNT - self.LIMIT)
        self.assertEqual(metrics['cistern_connections_total{outcome="refused_limit"}'], 0)
        self.assert_stored(service, *delivered)


class HeaderFloodTest(AttackCase):
    def test_heads_without_end(self):
        service = self.service({"limits": {"header_bytes": "64KiB", "long_head_bytes": "1MiB"}, "log": {"level": "error"}})
        for field in (b"X: y\r\n" * 1000, b"X-Long: " + b"y" * 8000 + b"\r\n", b"y" * 8000, b"\r\n\r\n X" * 1000):
            with connect_tls(service) as peer:
                answer = b""
                try:
                    peer.sendall(b"POST / HTTP/1.1\r\nHost: h\r\n")
                    for _ in range((1 << 20) // len(field)):
                        peer.sendall(field)
                except OSError:
                    pass
                answer = read_to_end(peer)
                self.assertIn(answer[9:12], (b"503", b"400", b"401"), answer[:200])
        held = []
        for _ in range(60):  # together more than the budget of long heads
            peer = connect_tls(service)
            self.addCleanup(peer.close)
            peer.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nX: " + b"y" * 40_000)
            held.append(peer)
        self.deliver(service, "meanwhile")
        for peer in held:
            peer.close()
        self.assert_stored(service, "meanwhile")


class SmugglingTest(AttackCase):
    """Shapes that a proxy in front may read differently: refused, connection closed, what follows never taken for a request."""

    def shapes(self, service):
        body = delivery_of("smuggled", "s")
        inner = request(service, body, "s")
        outer = b"0\r\n\r\n" + inner
        lines = request(service, b"", "outer", length=False)[:-4]
        def with_fields(*fields, rest=outer):
            return lines + b"".join(b"\r\n" + field for field in fields) + b"\r\n\r\n" + rest
        length = b"Content-Length: "
        return {
            "two lengths": with_fields(length + b"5", length + b"%d" % len(outer)),
            "two equal lengths": with_fields(length + b"5", length + b"5"),
            "lengths in a list": with_fields(length + b"5, 5"),
            "length and chunked": with_fields(length + b"5", b"Transfer-Encoding: chunked"),
            "chunked and length": with_fields(b"Transfer-Encoding: chunked", length + b"%d" % len(outer)),
            "chunked twice": with_fields(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"),
            "chunked, not last": with_fields(b"Transfer-Encoding: chunked, identity"),
            "xchunked": with_fields(b"Transfer-Encoding: xchunked"),
            "chunked with a tab in its name": with_fields(b"Transfer\tEncoding: chunked"),
            "chunked in a quoted form": with_fields(b'Transfer-Encoding: "chunked"'),
            "space before the colon": with_fields(b"Content-Length : 5"),
            "tab before the colon": with_fields(b"Transfer-Encoding\t: chunked"),
            "space before the name": with_fields(b" Content-Length: 5"),
            "obs-fold": with_fields(b"X-Folded: a\r\n Content-Length: 5"),
            "obs-fold with a tab": with_fields(b"Transfer-Encoding:\r\n\tchunked"),
            "bare CR": with_fields(b"X: a\rContent-Length: 5"),
            "bare LF": with_fields(b"X: a\nContent-Length: 5"),
            "NUL": with_fields(b"X: a\0b", length + b"5"),
            "plus": with_fields(length + b"+5"),
            "minus": with_fields(length + b"-5"),
            "hexadecimal": with_fields(length + b"0x5"),
            "length overflow": with_fields(length + b"18446744073709551621"),
            "length of nothing": with_fields(length),
            "chunk size overflow": with_fields(b"Transfer-Encoding: chunked", rest=b"10000000000000005\r\n" + outer),
            "chunk size negative": with_fields(b"Transfer-Encoding: chunked", rest=b"-5\r\n" + outer),
            "chunk size with 0x": with_fields(b"Transfer-Encoding: chunked", rest=b"0x5\r\n" + outer),
            "chunk ends in LF": with_fields(b"Transfer-Encoding: chunked", rest=b"5\nabcde\n0\n\n" + inner),
            "chunk longer than said": with_fields(b"Transfer-Encoding: chunked", rest=b"5\r\nabcdefgh\r\n0\r\n\r\n" + inner),
            "two hosts": with_fields(b"Host: other", length + b"5"),
            "no HTTP version": b"POST /\r\n" + inner,
            "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + inner,
        }

    def test_every_shape_is_refused_and_the_connection_closed(self):
        service = self.service({"timeouts": {"linger": "200ms"}, "log": {"level": "error"}})
        for name, shape in self.shapes(service).items():
            with self.subTest(name), connect_tls(service) as peer:
                peer.sendall(shape)
                answer = read_to_end(peer)
                self.assertEqual(answer.count(b"HTTP/1.1 "), 1, answer)
                self.assertEqual(answer[9:12], b"400", answer)
                self.assertIn(b"\r\nConnection: close\r\n", answer)
        self.deliver(service, "after")
        self.assert_stored(service, "after")


class EarlyEndTest(AttackCase):
    def test_an_end_at_every_byte_stores_nothing_half(self):
        service = self.service({"log": {"level": "error"}})
        shapes = {
            "length": request(service, delivery_of("half", "half"), "half"),
            "gzip": request(service, gzip.compress(delivery_of("half", "half")), "half", "Content-Encoding: gzip"),
        }
        body = delivery_of("half", "half")
        pieces = b"".join(b"%x\r\n%s\r\n" % (len(body[at:at + 50]), body[at:at + 50]) for at in range(0, len(body), 50))
        shapes["chunked"] = request(service, pieces + b"0\r\n\r\n", "half", "Transfer-Encoding: chunked", length=False)
        for text in shapes.values():
            for size in range(0, len(text), 1 if LONG else 23):
                peer = connect_tls(service)
                peer.sendall(text[:size])
                if size % 2:  # an abrupt end: a reset
                    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                peer.close()
        # In the handshake as well: the bytes of a real ClientHello.
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = service.tls_context().wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
        with self.assertRaises(ssl.SSLWantReadError):
            client.do_handshake()
        hello = outgoing.read()
        for size in range(0, len(hello), 1 if LONG else 23):
            with connect(service) as peer:
                peer.sendall(hello[:size])
        service.wait_for(lambda: service.metrics()["cistern_connections"] == 0, 30, "let go of ended connections")
        service.wait_for(lambda: service.metrics()["cistern_in_flight_bytes"] == 0, 30, "let go of their bytes")
        self.assertEqual(service.metrics()['cistern_deliveries_total{status="200"}'], 0)
        self.deliver(service, "whole")
        self.assert_stored(service, "whole")


class TlsTest(AttackCase):
    ALLOWED = {
        ("TLSv1.3", "TLS_AES_128_GCM_SHA256"), ("TLSv1.3", "TLS_AES_256_GCM_SHA384"),
        ("TLSv1.3", "TLS_CHACHA20_POLY1305_SHA256"),
        ("TLSv1.2", "ECDHE-ECDSA-AES128-GCM-SHA256"), ("TLSv1.2", "ECDHE-ECDSA-AES256-GCM-SHA384"),
        ("TLSv1.2", "ECDHE-ECDSA-CHACHA20-POLY1305"),
    }

    def test_what_sslscan_finds(self):
        service = self.service()
        scan = subprocess.run(["sslscan", "--no-colour", "--xml=-", f"127.0.0.1:{service.port}"],
                              capture_output=True, text=True, check=True, timeout=120).stdout
        protocols = dict(re.findall(r'<protocol type="tls" version="([^"]+)" enabled="(\d)"', scan))
        self.assertEqual(protocols, {"1.0": "0", "1.1": "0", "1.2": "1", "1.3": "1"}, scan)
        self.assertEqual(set(re.findall(r'<protocol type="ssl" version="\d" enabled="(\d)"', scan)), {"0"}, scan)
        ciphers = set(re.findall(r'<cipher status="(?:accepted|preferred)" sslversion="([^"]+)" bits="\d+" cipher="([^"]+)"', scan))
        self.assertEqual(ciphers, self.ALLOWED, scan)
        self.assertRegex(scan, r'<renegotiation supported="0"')
        self.assertNotIn('<compression supported="1"', scan)
        self.assertNotIn('vulnerable="1"', scan)
        self.deliver(service, "after")

    def test_a_renegotiation_ends_the_connection(self):
        service = self.service()
        client = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{service.port}", "-tls1_2", "-legacy_renegotiation"],
                                input="R\n", capture_output=True, text=True, timeout=60)
        self.assertIn("RENEGOTIATING", client.stdout + client.stderr)
        self.assertRegex(client.stderr, "no renegotiation|alert|handshake failure")
        self.deliver(service, "after")


class GuessingTest(AttackCase):
    def guess(self, service, number):
        with connect_tls(service) as peer:
            text = request(service, b"", f"g-{number}").replace(service.ACCESS_KEY.encode(), b"guess-%d" % number)
            began = time.monotonic()
            peer.sendall(text * 2)  # the second is never looked at: the connection ends
            answer = read_to_end(peer)
        self.assertEqual(answer.count(b"HTTP/1.1 401 "), 1, answer)
        return time.monotonic() - began

    def test_wrong_keys_cost_ever_more_time_and_right_ones_none(self):
        service = self.service({"log": {"level": "error"}})
        waited = [self.guess(service, number) for number in range(7)]
        self.assertGreater(sum(waited[3:]), 0.1 + 0.2 + 0.4 + 0.8, waited)
        for number in range(8):
            self.deliver(service, f"right-{number}")
        self.assertEqual(service.metrics()['cistern_deliveries_total{status="401"}'], 7)
        self.assert_stored(service, *(f"right-{number}" for number in range(8)))


if __name__ == "__main__":
    unittest.main()
