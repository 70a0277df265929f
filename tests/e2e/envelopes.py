"""CloudWatch Logs records and Firehose deliveries, made by Python's standard library alone."""
import base64
import gzip
import itertools
import json

_numbers = itertools.count(1)


def event(message, timestamp_ms):
    """An event with an id like CloudWatch's: 56 digits, the time above 144 bits."""
    return {"id": f"{(timestamp_ms << 144) + next(_numbers):056d}", "timestamp": timestamp_ms, "message": message}


def envelope(events, group="/aws/lambda/checkout", stream="2026/11/21/[$LATEST]abc", owner="123456789012", **more):
    return {"messageType": "DATA_MESSAGE", "owner": owner, "logGroup": group, "logStream": stream,
            "subscriptionFilters": ["all"], "logEvents": events, **more}


def control_message(timestamp_ms):
    return {"messageType": "CONTROL_MESSAGE", "owner": "CloudwatchLogs", "logGroup": "", "logStream": "",
            "subscriptionFilters": [], "logEvents": [{"id": "", "timestamp": timestamp_ms, "message":
            "CWL CONTROL MESSAGE: Checking health of destination Firehose."}]}


def record(*envelopes):
    """The datum of one record: gzip of the envelopes, one after the other."""
    return gzip.compress("".join(json.dumps(one, separators=(",", ":")) for one in envelopes).encode())


def delivery(data, timestamp_ms, request_id="r-1"):
    """The body of one delivery, from its records' data."""
    return json.dumps({"requestId": request_id, "timestamp": timestamp_ms,
                       "records": [{"data": base64.b64encode(one).decode()} for one in data]}).encode()
