"""Memory under pressure, measured: the peak of the process's resident set (VmHWM) stays below its cap, whatever is sent.

The cap is memory_limit and what the README says connections add to it. Peaks are printed; CISTERN_LONG_TESTS sends more.
"""
import base64
import concurrent.futures
import contextlib
import gzip
import json
import os
import random
import socket
import ssl
import threading
import time
import unittest

import envelopes
from service import ServiceCase

LONG = bool(os.environ.get("CISTERN_LONG_TESTS"))
MiB = 1 << 20
CONNECTION = 96 << 10  # README, "Memory"

LIMITS = {"body_bytes": "16MiB", "inflated_body_bytes": "32MiB", "in_flight_bytes": "64MiB",
          "inflated_record_bytes": "16MiB", "delivery_log_bytes": "256MiB"}
if LONG:
    LIMITS = {"body_bytes": "80MiB", "inflated_body_bytes": "128MiB", "in_flight_bytes": "256MiB"}
SETTINGS = {"memory_limit": "512MiB" if LONG else "128MiB", "limits": LIMITS, "runtime": {"workers": 2},
            "log": {"level": "error"}}
CAP = (512 if LONG else 128) * MiB


class Peer:
    """One TLS connection; a delivery whose body is sent only when it is asked for (Expect: 100-continue)."""

    def __init__(self, service):
        raw = socket.create_connection(("127.0.0.1", service.port), timeout=120)
        self.service = service
        self.socket = service.tls_context().wrap_socket(raw, server_hostname="127.0.0.1")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def head(self, size, request_id, fields=()):
        lines = ["POST / HTTP/1.1", "Host: h", "X-Amz-Firehose-Protocol-Version: 1.0",
                 f"X-Amz-Firehose-Request-Id: {request_id}", f"X-Amz-Firehose-Access-Key: {self.service.ACCESS_KEY}",
                 f"Content-Length: {size}", "Expect: 100-continue", *fields, "", ""]
        self.socket.sendall("\r\n".join(lines).encode())
        return self.status()

    def status(self):
        answer = b""
        while b"\r\n\r\n" not in answer:
            piece = self.socket.recv(4096)
            if not piece:
                return 0
            answer += piece
        return int(answer.split(b" ", 2)[1])

    def deliver(self, body, request_id, fields=()):
        status = self.head(len(body), request_id, fields)
        if status != 100:
            return status
        self.socket.sendall(body)
        return self.status()


def delivery_of(records, request_id):
    """The records' data as they are, few copies: bodies are large."""
    data = b",".join(b'{"data":"' + base64.b64encode(one) + b'"}' for one in records)
    return b'{"requestId":"' + request_id.encode() + b'","timestamp":1795248000000,"records":[' + data + b"]}"


class PressureTest(ServiceCase):
    def measure(self, service, what, connections=0):
        """The peak so far, below the cap; and an ordinary delivery still passes."""
        body = delivery_of([b"ordinary"], "ordinary")
        service.wait_for(lambda: service.post(body, request_id="ordinary")[0] == 200, 60, "take a delivery")
        with open(f"/proc/{service.process.pid}/status", encoding="ascii") as status:
            peak = next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM"))
        cap = CAP + connections * CONNECTION
        print(f"\n  peak of {what}: {peak / MiB:.0f} MiB, cap {cap / MiB:.0f} MiB", flush=True)
        self.assertLess(peak, cap)

    def at_once(self, service, count, body_of, fields=(), threads=16, tries=1):
        """Deliveries on connections of their own; how often each status came. A busy answer is tried again."""
        def one(number):
            request_id = f"r-{number}"
            body = body_of(request_id)
            for _ in range(tries):
                with contextlib.suppress(OSError), Peer(service) as peer:
                    if (status := peer.deliver(body, request_id, fields)) != 503:
                        return status
                time.sleep(0.05)
            return 503
        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            statuses = list(pool.map(one, range(count)))
        return {status: statuses.count(status) for status in statuses}

    def test_many_connections_with_a_large_body_each(self):
        service = self.service(SETTINGS)
        size = (64 if LONG else 12) * MiB
        text = random.Random(1).randbytes(size // 4 * 3 - MiB)
        data = base64.b64encode(text)
        def body_of(request_id):
            return b'{"requestId":"' + request_id.encode() + b'","timestamp":1,"records":[{"data":"' + data + b'"}]}'
        count = 1000 if LONG else 100
        peers = [Peer(service) for _ in range(count)]
        admitted = [peer for number, peer in enumerate(peers) if peer.head(size, f"r-{number}") == 100]
        self.assertGreater(len(admitted), 0)
        for peer in admitted:
            with contextlib.suppress(OSError):
                peer.socket.sendall(b" " * (size - 1))
        self.measure(service, f"{count} connections, {len(admitted)} bodies of {size // MiB} MiB admitted", count)
        for peer in peers:
            peer.socket.close()
        statuses = self.at_once(service, 60 if LONG else 10, body_of, threads=6, tries=20)
        self.assertGreater(statuses.get(200, 0), 0)
        self.measure(service, f"incompressible bodies, answers {statuses}", count)

    def test_bodies_that_inflate_a_thousandfold(self):
        service = self.service(SETTINGS)
        inflated = (120 if LONG else 28) * MiB
        document = delivery_of([b"x"], "r-0")
        packed = [gzip.compress(b" " * inflated + document),
                  gzip.compress(b" " * MiB) * (inflated // MiB) + gzip.compress(document),  # many members
                  gzip.compress(b" " * inflated + document)[:-4] + b"\1\0\0\0"]  # a trailer that lies
        def body_of(request_id):
            return packed[int(request_id[2:]) % 3]
        statuses = self.at_once(service, 100 if LONG else 24, body_of, ("Content-Encoding: gzip",), threads=12, tries=3)
        self.measure(service, f"bodies inflating to {inflated // MiB} MiB, answers {statuses}", 32)

    def test_bodies_of_nothing_but_structure(self):
        service = self.service(SETTINGS)
        inflated = (120 if LONG else 28) * MiB
        packed = gzip.compress(b'{"requestId":"r","timestamp":1,"x":[' + b"0," * (inflated // 2 - 64) + b'0],"records":[]}')
        statuses = self.at_once(service, 40 if LONG else 12, lambda _: packed, ("Content-Encoding: gzip",), threads=12)
        self.measure(service, f"bodies of structure alone, answers {statuses}", 16)

    def test_records_that_inflate_a_thousandfold(self):
        service = self.service(SETTINGS)
        inflated = (63 if LONG else 15) * MiB
        now = 1795248000000
        bombs = {
            "text": b"x" * inflated,
            "lines": b"x\n" * (inflated // 20),
            "escapes": b'"' * (inflated // 2),
            "structure": b'{"messageType":"DATA_MESSAGE","x":[' + b"0," * (inflated // 2 - 64) + b"0]}",
            "events": json.dumps(envelopes.envelope([envelopes.event("", now)] * (inflated // 120))).encode(),
            "one message": json.dumps(envelopes.envelope([envelopes.event("y" * (inflated - 2000), now)])).encode(),
        }
        for name, log in bombs.items():
            packed = [gzip.compress(log + b"\n" * n) for n in range(3)] + [gzip.compress(gzip.compress(log))]
            statuses = self.at_once(service, 8 if LONG else 2, lambda r, p=packed: delivery_of(p, r), threads=4, tries=20)
            self.assertGreater(statuses.get(200, 0), 0)
            self.measure(service, f"records that inflate, {name}, answers {statuses}", 4)

    def test_many_open_partitions(self):
        service = self.service({**SETTINGS, "partition": {"flush_age": "1h", "late_flush_age": "1h"}})
        hour = 3_600_000
        def body_of(request_id):
            number = int(request_id[2:])
            events = [envelopes.event("m" * 200, 1795248000000 - (number * 5000 + n) % 10_000 * hour) for n in range(5000)]
            return envelopes.delivery([envelopes.record(envelopes.envelope(events))], 1795248000000, request_id)
        statuses = self.at_once(service, 40 if LONG else 4, body_of, threads=2)
        # The gauge follows within a fifth of a second.
        service.wait_for(lambda: service.metrics()["cistern_open_partitions"] > 9000, 30, "open 9 000 partitions")
        self.measure(service, f"10 000 open partitions, answers {statuses}", 2)

    def test_a_store_that_hangs(self):
        listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.addCleanup(listener.close)
        held = []
        def hang():
            with contextlib.suppress(OSError):
                while True:
                    held.append(listener.accept()[0])
        threading.Thread(target=hang, daemon=True).start()
        service = self.service({**SETTINGS, "journal": {"max_bytes": "2GiB" if LONG else "256MiB"},
                                "partition": {"flush_size": "8MiB", "flush_age": "200ms", "late_flush_age": "200ms"},
                                "store": {"type": "s3", "bucket": "archive", "endpoint": f"http://127.0.0.1:{listener.getsockname()[1]}",
                                          "access_key_id": "a", "secret_access_key": "s", "timeout": "1h"}})
        rng = random.Random(2)
        def body_of(request_id):
            return delivery_of([rng.randbytes(2 * MiB).hex().encode()], request_id)
        statuses = self.at_once(service, 400 if LONG else 24, body_of, threads=4, tries=40 if LONG else 10)
        self.assertGreater(statuses.get(200, 0), 0)
        self.measure(service, f"a store that hangs, answers {statuses}", 4)


if __name__ == "__main__":
    unittest.main()
