"""What 200 stands for under each setting of `acknowledge`, and what readiness says while a drain goes on."""
import concurrent.futures
import gzip
import json
import random
import shutil
import signal
import socket
import subprocess
import time
import unittest

import envelopes
from main_job_test import verify
from service import BINARY, ServiceCase


def messages(service):
    return sorted(json.loads(line)["message"] for path in service.archive.rglob("*.ndjson.gz")
                  for line in gzip.open(path, "rt"))


def delivery_of(message, request_id="r-1"):
    now = int(time.time() * 1000)
    return envelopes.delivery([envelopes.record(envelopes.envelope([envelopes.event(message, now)]))], now, request_id)


class StoredTest(ServiceCase):
    """The answer waits for the store."""

    SETTINGS = {"acknowledge": "stored", "timeouts": {"reply": "4s"},
                "partition": {"flush_age": "200ms", "late_flush_age": "200ms"}}

    def test_what_was_acknowledged_is_in_the_store_without_the_journal(self):
        service = self.service(self.SETTINGS)
        for number in range(3):
            self.assertEqual(service.post(delivery_of(f"m{number}", f"r-{number}"), request_id=f"r-{number}")[0], 200)
            self.assertEqual(messages(service), [f"m{n}" for n in range(number + 1)])
        service.kill()
        shutil.rmtree(service.folder / "journal")
        service.start()
        self.assertEqual(service.terminate(), 0)
        self.assertEqual(messages(service), ["m0", "m1", "m2"])

    def test_many_senders_and_repeats(self):
        service = self.service(self.SETTINGS)
        acknowledged = self.folder / "acknowledged"
        service.send("--events", 20000, "--connections", 8, "--records-per-delivery", 4, "--repeat", "0.3",
                     "--nasty", "0.1", "--acknowledged", acknowledged)
        service.kill()  # nothing acknowledged is missing even now
        verify(service.archive, acknowledged)

    def test_a_delivery_that_waits_for_the_store_takes_no_memory_from_others(self):
        service = self.service({**self.SETTINGS, "timeouts": {"reply": "10s"}, "log": {"level": "error"},
                                "partition": {"flush_age": "3s", "late_flush_age": "3s"}})
        with concurrent.futures.ThreadPoolExecutor() as pool:
            answer = pool.submit(service.post, delivery_of("waits"))
            service.wait_for(lambda: service.metrics()["cistern_journal_commit_seconds_count"] == 1, 20, "commit it")
            service.wait_for(lambda: service.metrics()["cistern_in_flight_bytes"] == 0, 2, "let go of its bytes")
            self.assertFalse(answer.done(), "it was to wait for the store")
            self.assertEqual(answer.result()[0], 200)

    def test_no_store_no_200(self):
        service = self.service(self.SETTINGS)
        self.assertEqual(service.post(delivery_of("before", "r-0"), request_id="r-0")[0], 200)
        aside = service.folder / "aside"
        service.archive.rename(aside)
        service.archive.write_text("a file where the folder was")
        body = delivery_of("kept")
        status, answer = service.post(body)
        self.assertEqual((status, answer["requestId"]), (503, "r-1"))
        service.archive.unlink()
        aside.rename(service.archive)
        service.wait_for(lambda: service.post(body)[0] == 200, 60, "take the delivery again")
        self.assertEqual(service.terminate(), 0)
        self.assertEqual(messages(service), ["before", "kept"])


class MemoryTest(ServiceCase):
    """The answer waits for nothing; without a crash nothing is lost."""

    def test_everything_is_archived_when_nothing_fails(self):
        service = self.service({"acknowledge": "memory"})
        acknowledged = self.folder / "acknowledged"
        service.send("--events", 10000, "--repeat", "0.2", "--late", "0.1", "--acknowledged", acknowledged)
        self.assertEqual(service.terminate(), 0)
        verify(service.archive, acknowledged)

    def test_what_the_journal_then_refuses_is_counted_as_lost(self):
        service = self.service({"acknowledge": "memory", "journal": {"max_bytes": "32MiB", "segment_bytes": "1MiB"},
                                "limits": {"body_bytes": "24MiB"},
                                "partition": {"flush_age": "1h", "late_flush_age": "1h", "flush_size": "32MiB"}})
        service.archive.write_text("a file where the folder was")
        taken = []
        while service.metrics()["cistern_lost_deliveries_total"] == 0 and len(taken) < 20:
            name = f"r-{len(taken)}"
            # Random bytes as text: compressed, some 10 MB that stay in the journal.
            text = random.Random(name).randbytes(8 << 20).hex().encode()
            body = envelopes.delivery([text], int(time.time() * 1000), name)
            self.assertEqual(service.post(body, request_id=name)[0], 200)
            taken.append(name)
            time.sleep(1)
        said = [line for line in service.log_lines() if line["event"] == "delivery_lost"]
        self.assertEqual([line["request_id"] for line in said], taken[-1:])
        self.assertIn("journal.max_bytes", said[0]["message"])
        service.archive.unlink()
        self.assertEqual(service.terminate(), 0)
        self.assertEqual(len(messages(service)), len(taken) - 1)

    def test_it_is_said_to_be_unsafe(self):
        page = subprocess.run([BINARY, "check", "--settings"], capture_output=True, text=True, check=True).stdout
        self.assertRegex(page, r"memory: a crash loses data")


class DrainTest(ServiceCase):
    def test_not_ready_while_what_is_in_flight_is_finished(self):
        service = self.service()
        body = delivery_of("in flight")
        head = ("POST / HTTP/1.1\r\nHost: h\r\nX-Amz-Firehose-Protocol-Version: 1.0\r\nX-Amz-Firehose-Request-Id: r-1\r\n"
                f"X-Amz-Firehose-Access-Key: {service.ACCESS_KEY}\r\nContent-Length: {len(body)}\r\n"
                "Expect: 100-continue\r\n\r\n")
        with service.tls_context().wrap_socket(socket.create_connection(("127.0.0.1", service.port)),
                                               server_hostname="127.0.0.1") as sender:
            sender.settimeout(30)
            sender.sendall(head.encode())
            self.assertIn(b" 100 ", sender.recv(1000))
            service.process.send_signal(signal.SIGTERM)
            service.wait_for(lambda: service.ops("/readyz")[0] == 503, 20, "say that it is not ready")
            self.assertIn("shutting down", service.ops("/readyz")[1])
            self.assertEqual(service.ops("/livez")[0], 200)
            with self.assertRaises(OSError):
                socket.create_connection(("127.0.0.1", service.port), timeout=5).close()
            sender.sendall(body)
            answer = sender.recv(4000)
        self.assertTrue(answer.startswith(b"HTTP/1.1 200 "), answer)
        self.assertEqual(service.process.wait(60), 0)
        self.assertEqual(messages(service), ["in flight"])

    def test_a_store_that_is_away_holds_the_drain_only_until_its_time_is_up(self):
        service = self.service({"timeouts": {"drain": "1s"}})
        self.assertEqual(service.post(delivery_of("first", "r-0"), request_id="r-0")[0], 200)
        service.wait_stored()
        aside = service.folder / "aside"
        service.archive.rename(aside)
        service.archive.write_text("a file where the folder was")
        self.assertEqual(service.post(delivery_of("kept"))[0], 200)
        self.assertEqual(service.terminate(30), 0)
        self.assertIn("drain_timed_out", [line["event"] for line in service.log_lines()])
        service.archive.unlink()
        aside.rename(service.archive)
        service.start()
        self.assertEqual(service.terminate(), 0)
        self.assertEqual(messages(service), ["first", "kept"])


if __name__ == "__main__":
    unittest.main()
