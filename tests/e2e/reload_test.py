"""Access keys change while deliveries come in: old and new side by side, a wrong configuration changes nothing."""
import json
import signal
import time
import unittest

import envelopes
from service import ServiceCase


class ReloadTest(ServiceCase):
    def deliver(self, service, key, number=[0]):
        number[0] += 1
        now_ms = int(time.time() * 1000)
        body = envelopes.delivery([envelopes.record(envelopes.envelope([envelopes.event("x", now_ms)]))], now_ms,
                                  f"r-{number[0]}")
        return service.post(body, {"X-Amz-Firehose-Access-Key": key}, request_id=f"r-{number[0]}")[0]

    def reload(self, service, settings, until):
        service.config_file.write_text(settings if isinstance(settings, str) else json.dumps(settings))
        service.process.send_signal(signal.SIGHUP)
        service.wait_for(lambda: until in service.log_tail(), 20, f"say {until}")

    def test_keys_are_rotated_by_sighup(self):
        service = self.service()
        self.assertEqual((self.deliver(service, service.ACCESS_KEY), self.deliver(service, "new-key")), (200, 401))
        both = {**service.settings, "access_keys": [{"name": "old", "value": service.ACCESS_KEY},
                                                    {"name": "new", "value": "new-key"}]}
        self.reload(service, both, '"reloaded"')
        self.assertEqual((self.deliver(service, service.ACCESS_KEY), self.deliver(service, "new-key")), (200, 200))
        self.reload(service, "access_keys: [ { name: broken", "reload_refused")
        self.assertEqual((self.deliver(service, service.ACCESS_KEY), self.deliver(service, "new-key")), (200, 200))
        self.assertNotIn("new-key", service.log_file.read_text())
        metrics = service.metrics()
        self.assertEqual(metrics['cistern_accepted_deliveries_total{key="new"}'], 2)

    def test_a_key_file_is_taken_up_when_it_changes(self):
        key_file = self.folder / "access-key"
        key_file.write_text("first-key\n")
        service = self.service({"access_keys": [{"name": "file", "value_file": str(key_file)}]})
        self.assertEqual((self.deliver(service, "first-key"), self.deliver(service, "second-key")), (200, 401))
        key_file.write_text("second-key\n")
        service.wait_for(lambda: self.deliver(service, "second-key") == 200, 30, "take up the new key")
        self.assertEqual(self.deliver(service, "first-key"), 401)


if __name__ == "__main__":
    unittest.main()
