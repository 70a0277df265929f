"""The servers of S3 and STS by AWS's own rules, as botocore (Debian: python3-botocore) carries and evaluates them: what
aws_endpoints_test.cc compares with. JSON lines of region, service, fips, dual_stack and host; host is null where AWS's
rules refuse.
"""
import itertools
import json
import urllib.parse

import botocore.exceptions
from botocore.endpoint_provider import EndpointProvider
from botocore.loaders import Loader

MORE = {"s3": {"Bucket": "logs", "UseGlobalEndpoint": False, "ForcePathStyle": False, "Accelerate": False},
        "sts": {"UseGlobalEndpoint": False}}

loader = Loader()
partitions = loader.load_data("partitions")
for service, more in MORE.items():
    provider = EndpointProvider(loader.load_service_model(service, "endpoint-rule-set-1"), partitions)
    for partition in partitions["partitions"]:
        for region, fips, dual_stack in itertools.product(partition["regions"], (False, True), (False, True)):
            if region.endswith("-global"):
                continue
            try:
                url = provider.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dual_stack, **more).url
                host = urllib.parse.urlsplit(url).hostname
            except botocore.exceptions.EndpointProviderError:
                host = None
            print(json.dumps({"region": region, "partition": partition["id"], "service": service, "fips": fips,
                              "dual_stack": dual_stack, "host": host}))
