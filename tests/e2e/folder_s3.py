"""A folder as a bucket for readers: lists and gives objects, over plain HTTP on loopback; signatures are not looked at."""
import pathlib
import urllib.parse
from xml.sax.saxutils import escape

from http_peer import HttpPeer, QuietHandler


class FolderS3(HttpPeer):
    def __init__(self, bucket, folder):
        folder = pathlib.Path(folder)

        class Handler(QuietHandler):
            def do_GET(self):
                path, _, query = self.path.partition("?")
                name = urllib.parse.unquote(path).removeprefix(f"/{bucket}").lstrip("/")
                if not name:
                    return self.list(dict(urllib.parse.parse_qsl(query)).get("prefix", ""))
                file = folder / name
                if not file.is_file():
                    return self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
                body, status, more = file.read_bytes(), 200, {}
                wanted = self.headers.get("Range", "")
                if wanted.startswith("bytes="):
                    first, _, last = wanted[6:].partition("-")
                    end = min(int(last) if last else len(body) - 1, len(body) - 1)
                    more = {"Content_Range": f"bytes {first}-{end}/{len(body)}"}
                    body, status = body[int(first):end + 1], 206
                self.answer(status, body, ETag='"x"', Last_Modified="Sat, 21 Nov 2026 08:00:00 GMT", **more)

            do_HEAD = do_GET

            def list(self, prefix):
                files = sorted(path for path in folder.rglob("*") if path.is_file())
                found = [(str(path.relative_to(folder)), path.stat().st_size) for path in files]
                rows = "".join(f"<Contents><Key>{escape(key)}</Key><LastModified>2026-11-21T08:00:00.000Z</LastModified>"
                               f"<ETag>\"x\"</ETag><Size>{size}</Size><StorageClass>STANDARD</StorageClass></Contents>"
                               for key, size in found if key.startswith(prefix))
                self.answer(200, (f"<?xml version=\"1.0\"?><ListBucketResult><Name>{bucket}</Name><Prefix>{escape(prefix)}</Prefix>"
                                  f"<IsTruncated>false</IsTruncated>{rows}</ListBucketResult>").encode(), Content_Type="application/xml")

        self.serve(Handler)
