#!/usr/bin/env python3
"""A small Firehose endpoint that archives what it acknowledges, in Python's standard library only: the other side for
tests of `cistern send`, and a second opinion of what its records mean. It keeps everything in memory, remembers
request ids for ever, and writes the archive when it is stopped.

With --trouble it misbehaves now and then, as real endpoints do: statuses, wrong bodies, resets, and taken
deliveries whose answer is lost.
"""

import argparse
import base64
import collections
import gzip
import http.server
import json
import os
import random
import ssl
import threading
import time
import zlib

HEADERS = {"x-amz-firehose-protocol-version": "1.0", "content-type": "application/json"}


def documents(text):
    """The JSON documents of a record, one after the other. Raises ValueError."""
    decoder, at, found = json.JSONDecoder(), 0, []
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        document, at = decoder.raw_decode(text, at)
        found.append(document)
    return found


def events_of(datum, request_ms):
    """A record -> its events, [] for none. Raises ValueError, EOFError, OSError for what cannot be decoded."""
    if datum[:2] == b"\x1f\x8b":
        datum = gzip.decompress(datum)
    text = datum.decode()
    if not text.startswith("{"):
        return [{"timestamp": request_ms, "id": "", "owner": "", "logGroup": "", "logStream": "", "message": line}
                for line in text.split("\n")[:-1]]
    events = []
    for envelope in documents(text):
        if envelope["messageType"] == "CONTROL_MESSAGE":
            continue
        origin = {name: envelope[name] for name in ("owner", "logGroup", "logStream")}
        events += [{"timestamp": e["timestamp"], "id": e["id"], **origin, "message": e["message"]}
                   for e in envelope["logEvents"]]
    return events


class Archive:
    def __init__(self):
        self.lock = threading.Lock()
        self.lines = collections.defaultdict(list)  # by folder
        self.seen = set()
        self.repeats = 0

    def take(self, body):
        with self.lock:
            if body["requestId"] in self.seen:
                self.repeats += 1
                return
            self.seen.add(body["requestId"])
            for number, record in enumerate(body["records"]):
                self.take_record(body, number, base64.b64decode(record["data"], validate=True))

    def take_record(self, body, number, datum):
        try:
            for event in events_of(datum, body["timestamp"]):
                hour = time.strftime("%Y/%m/%d/%H/", time.gmtime(event["timestamp"] // 1000))
                self.lines[hour].append(event)
        except (ValueError, EOFError, OSError, zlib.error):
            hour = time.strftime("dead-letters/%Y/%m/%d/%H/", time.gmtime(body["timestamp"] // 1000))
            self.lines[hour].append({"requestId": body["requestId"], "requestTimestamp": body["timestamp"],
                                     "record": number, "data": base64.b64encode(datum).decode()})

    def write(self, root):
        for folder, lines in self.lines.items():
            os.makedirs(os.path.join(root, folder), exist_ok=True)
            with gzip.open(os.path.join(root, folder, "all.ndjson.gz"), "wt", compresslevel=1) as file:
                file.writelines(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        wrong = self.wrong_head()
        body = json.loads(gzip.decompress(raw) if self.headers["Content-Encoding"] == "gzip" else raw)
        if body["requestId"] != self.headers["X-Amz-Firehose-Request-Id"]:
            wrong = "the ids differ"
        if wrong:
            return self.answer(400, body["requestId"], wrong)
        trouble = self.server.rng.choice(self.server.troubles) if self.server.rng.random() < self.server.trouble else ""
        if trouble in ("", "lost answer", "wrong id", "text timestamp"):
            self.server.archive.take(body)
        if trouble in ("reset", "lost answer"):
            self.close_connection = True
        elif trouble.isdigit():
            self.answer(int(trouble), body["requestId"], "trouble")
        else:
            self.answer(200, "another" if trouble == "wrong id" else body["requestId"], None,
                        "now" if trouble == "text timestamp" else int(time.time() * 1000))

    def wrong_head(self):
        for name, value in HEADERS.items():
            if self.headers[name] != value:
                return f"{name} is {self.headers[name]}"
        if self.server.access_key and self.headers["X-Amz-Firehose-Access-Key"] != self.server.access_key:
            return "wrong access key"
        return ""

    def answer(self, status, request_id, message, timestamp=0):
        body = {"requestId": request_id, "timestamp": timestamp}
        if message:
            body["errorMessage"] = message
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


class Endpoint(http.server.ThreadingHTTPServer):
    """Serves on a free port of the loopback until stop()."""

    daemon_threads = True
    request_queue_size = 128
    troubles = ("503", "500", "429", "401", "204", "reset", "lost answer", "wrong id", "text timestamp")

    def __init__(self, certificate=None, key=None, port=0, access_key="", trouble=0.0, seed=1):
        super().__init__(("127.0.0.1", port), Handler)
        self.archive, self.access_key, self.trouble, self.rng = Archive(), access_key, trouble, random.Random(seed)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"http{'s' if certificate else ''}://127.0.0.1:{self.server_address[1]}/"
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)

    def handle_error(self, request, client_address):
        pass  # clients that hang up

    def stop(self, root):
        self.shutdown()
        self.server_close()
        self.archive.write(root)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--port", type=int, default=8443)
    parser.add_argument("--access-key", default="")
    parser.add_argument("--trouble", type=float, default=0, help="fraction of deliveries that meet some")
    parser.add_argument("--archive", default="archive")
    options = parser.parse_args()
    endpoint = Endpoint(options.certificate, options.key, options.port, options.access_key, options.trouble)
    print(endpoint.url, flush=True)
    try:
        endpoint.serve_forever()
    except KeyboardInterrupt:
        endpoint.archive.write(options.archive)


if __name__ == "__main__":
    main()
