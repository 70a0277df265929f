"""cistern ddl: each engine's statement fits the archive that a Cistern with the same configuration has written."""
import datetime
import gzip
import itertools
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
import venv

from folder_s3 import FolderS3
from service import BINARY, ServiceCase

LAYOUTS = {"default": {}, "hive": {"key": "year={yyyy}/month={mm}/day={dd}/hour={hh}/"},
           "daily": {"prefix": "logs-", "key": "{yyyy}-{mm}-{dd}/{log_group}/"}}
EVERY_FIELD = ["timestamp", "id", "owner", "logGroup", "logStream", "message", "subscriptionFilters", "policyLevel",
               "extractedFields", "sourceArn", "requestId", "requestTimestamp", "commonAttributes"]
S3 = {"CISTERN_STORE_TYPE": "s3", "CISTERN_STORE_BUCKET": "arch", "CISTERN_STORE_PREFIX": "cistern/"}
LONG = unittest.skipUnless(os.environ.get("CISTERN_LONG_TESTS"), "long: fetches packages of PyPI")


def ddl(service, engine, *options, **variables):
    done = subprocess.run([BINARY, "ddl", "--for", engine, "--config", service.config_file, *options], cwd=service.folder,
                          env={**os.environ, **variables}, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def properties(statement):
    return dict(re.findall(r"^  '([\w.]+)' = '([^']*)'", statement, re.M))


def java_date(text, pattern):
    for letters, digits in (("yyyy", "%Y"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H")):
        pattern = pattern.replace(letters, digits)
    return datetime.datetime.strptime(text, pattern), pattern


def projected(column, given):
    """All values that Athena would try for a column: what its documentation says of each type."""
    kind = given[f"projection.{column}.type"]
    first, last = given[f"projection.{column}.range"].split(",")
    if kind == "integer":
        return [str(n).zfill(int(given[f"projection.{column}.digits"])) for n in range(int(first), int(last) + 1)]
    assert (kind, last) == ("date", "NOW+3HOURS")
    start, pattern = java_date(first, given[f"projection.{column}.format"])
    step = datetime.timedelta(**{given[f"projection.{column}.interval.unit"].lower(): 1})
    end = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) + datetime.timedelta(hours=3)
    return [(start + n * step).strftime(pattern) for n in range((end - start) // step + 1)]


class QueryCase(ServiceCase):
    def archive(self, layout, **settings):
        """A Cistern that has stored late and ordinary events by this layout; its objects' partitions."""
        partition = {"flush_age": "1s", "late_flush_age": "1s", **LAYOUTS[layout]}
        service = self.service({"partition": partition, **settings}, name=layout)
        service.send("--events", 4000, "--records-per-delivery", 3, "--late", "0.1:14d", "--spread", 3, "--groups", 3)
        service.wait_stored()
        return service

    @staticmethod
    def objects(service):
        return [path for path in service.archive.rglob("*.ndjson.gz") if "dead-letters" not in str(path)]


class AthenaTest(QueryCase):
    def enumerated(self, statement, injected):
        given = properties(statement)
        self.assertEqual(given["projection.enabled"], "true")
        columns = re.findall(r"^  `(\w+)`", statement.split("PARTITIONED BY")[1].split("ROW FORMAT")[0], re.M)
        self.assertEqual(set(re.findall(r"\$\{(\w+)\}", given["storage.location.template"])), set(columns))
        values = [injected if given[f"projection.{column}.type"] == "injected" else projected(column, given) for column in columns]
        for chosen in itertools.product(*values):
            location = given["storage.location.template"]
            for column, value in zip(columns, chosen):
                location = location.replace(f"${{{column}}}", value)
            yield location

    def test_projection_finds_each_partition_once(self):
        for layout in LAYOUTS:
            with self.subTest(layout):
                service = self.archive(layout)
                folders = {str(path.parent.relative_to(service.archive)) for path in self.objects(service)}
                groups = {folder.split("/")[-1] for folder in folders} if layout == "daily" else set()
                found = list(self.enumerated(ddl(service, "athena", "--since", "2026", **S3), sorted(groups)))
                self.assertEqual(len(found), len(set(found)))
                self.assertLessEqual({f"s3://arch/cistern/{folder}/" for folder in folders}, set(found))
                self.assertGreater(len(folders), 2)

    def test_columns_are_the_lines_members(self):
        service = self.archive("default", format={"fields": EVERY_FIELD})
        statement = ddl(service, "athena", **S3)
        columns = dict(re.findall(r"^  `(\w+)` ([\w<>,]+?),?$", statement.split(")\nPARTITIONED")[0], re.M))
        types = {"bigint": int, "string": str, "array<string>": list, "map<string,string>": dict}
        with gzip.open(self.objects(service)[0], "rt") as lines:
            for line in itertools.islice(lines, 20):
                self.assertEqual({name: type(value) for name, value in json.loads(line).items()},
                                 {name: types[kind] for name, kind in columns.items()})

    def test_clickhouse_asks_the_server_that_the_store_does(self):
        service = self.service(start=False)
        service.config_file.write_text(json.dumps(service.settings))
        for base, more in (("https://arch.s3.us-east-1.amazonaws.com/", {}),
                           ("https://arch.s3.cn-north-1.amazonaws.com.cn/", {"REGION": "cn-north-1"}),
                           ("https://arch.s3-fips.dualstack.us-gov-east-1.amazonaws.com/",
                            {"REGION": "us-gov-east-1", "FIPS": "true", "DUAL_STACK": "true"}),
                           ("http://127.0.0.1:9000/arch/", {"ENDPOINT": "http://127.0.0.1:9000"})):
            variables = {f"CISTERN_STORE_{name}": value for name, value in more.items()}
            statement = ddl(service, "clickhouse", **S3, **variables)
            self.assertIn(f"FROM s3('{base}cistern/????/??/??/??/*.ndjson.gz', 'JSONEachRow'", statement)

    def test_what_cannot_be_read_is_told(self):
        service = self.service(start=False)
        service.config_file.write_text(json.dumps(service.settings))
        for engine in ("athena", "clickhouse"):
            with self.assertRaisesRegex(AssertionError, "store.type is file"):
                ddl(service, engine)
        with self.assertRaisesRegex(AssertionError, "wildcard"):
            ddl(service, "duckdb", CISTERN_PARTITION_PREFIX="what?/")
        with self.assertRaisesRegex(AssertionError, "lower-case"):
            ddl(service, "duckdb", "--table", "x; DROP TABLE y")


# What each reader finds in the objects that it is given: a number of lines and of different ids.
READERS = {
    "pyarrow": "import pyarrow.json\n"
               "ids = [i for path in paths for i in pyarrow.json.read_json(path).column('id').to_pylist()]\n"
               "print(json.dumps([len(ids), len(set(ids))]))",
    "pyarrow.dataset": "import pyarrow.dataset\n"
                       "ids = pyarrow.dataset.dataset(paths, format='json').to_table(columns=['id']).column('id').to_pylist()\n"
                       "print(json.dumps([len(ids), len(set(ids))]))",
    "pandas": "import pandas\n"
              "ids = pandas.concat(pandas.read_json(path, lines=True, dtype={'id': str}) for path in paths)['id']\n"
              "print(json.dumps([len(ids), int(ids.nunique())]))",
    "polars": "import polars\n"
              "rows = polars.scan_ndjson(paths).select(polars.len().alias('n'), polars.col('id').n_unique()).collect().row(0)\n"
              "print(json.dumps(list(map(int, rows))))",
}


@LONG
class EngineTest(QueryCase):
    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory(prefix="cistern-venv-")
        cls.addClassCleanup(holder.cleanup)
        venv.create(holder.name, with_pip=True)
        packages = ["chdb", "duckdb", "pandas", "polars", "pyarrow", "sqlglot",
                    *(["pyspark<4"] if shutil.which("java") else [])]
        subprocess.run([f"{holder.name}/bin/pip", "install", "--quiet", *packages], check=True)
        cls.python = f"{holder.name}/bin/python"

    def run_python(self, program, *arguments):
        done = subprocess.run([self.python, "-c", program, *map(str, arguments)], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def test_duckdb_counts_every_event(self):
        for layout in LAYOUTS:
            with self.subTest(layout):
                service = self.archive(layout, format={"fields": EVERY_FIELD})
                ids = [json.loads(line)["id"] for path in self.objects(service) for line in gzip.open(path, "rt")]
                members = max(path.read_bytes().count(b"\x1f\x8b\x08") for path in self.objects(service))
                self.assertGreater(members, 1)
                counted = self.run_python(
                    "import duckdb, json, sys\nduckdb.sql(sys.argv[1])\n"
                    "print(json.dumps(duckdb.sql('SELECT count(*), count(DISTINCT id), "
                    "count(*) FILTER (WHERE epoch_ms(time) = \"timestamp\") FROM logs').fetchall()[0]))", ddl(service, "duckdb"))
                self.assertEqual(counted, [len(ids), len(set(ids)), len(ids)])
                self.assertEqual(len(ids), service.metrics()["cistern_stored_events_total"])
                service.stop()

    def test_clickhouse_counts_every_event(self):
        """chdb is ClickHouse as a library; it reads the archive through s3(), as a server would."""
        for layout in LAYOUTS:
            with self.subTest(layout):
                service = self.archive(layout, format={"fields": EVERY_FIELD})
                ids = [json.loads(line)["id"] for path in self.objects(service) for line in gzip.open(path, "rt")]
                s3 = FolderS3("arch", service.archive)
                self.addCleanup(s3.close)
                statement = ddl(service, "clickhouse", **{**S3, "CISTERN_STORE_PREFIX": "", "CISTERN_STORE_ENDPOINT": s3.url})
                counted = self.run_python(
                    "import json, os, sys\nfrom chdb import session\n"
                    "os.environ.update(AWS_EC2_METADATA_DISABLED='true', AWS_ACCESS_KEY_ID='x', AWS_SECRET_ACCESS_KEY='y')\n"
                    "clickhouse = session.Session()\nclickhouse.query(sys.argv[1].strip().rstrip(';'))\n"
                    "print(json.dumps(json.loads(str(clickhouse.query('SELECT count(*), count(DISTINCT id), "
                    "countIf(toUnixTimestamp64Milli(time) = timestamp) FROM logs', 'JSONCompact')))['data'][0]))", statement)
                self.assertEqual([int(each) for each in counted], [len(ids), len(set(ids)), len(ids)])
                service.stop()

    def test_readers_count_every_event(self):
        """By the key's .gz alone, as they do of themselves; each object is several gzip members."""
        service = self.archive("default")
        service.stop()
        paths = sorted(map(str, self.objects(service)))
        members = [path.read_bytes().count(b"\x1f\x8b\x08") for path in self.objects(service)]
        self.assertGreater(max(members), 1)
        ids = [json.loads(line)["id"] for path in paths for line in gzip.open(path, "rt")]
        expected = [len(ids), len(set(ids))]
        for name, program in READERS.items():
            with self.subTest(name):
                program = "import json, sys\npaths = sys.argv[1:]\n" + program
                self.assertEqual(self.run_python(program, *paths), expected)
        zcat = subprocess.run(["zcat", *paths], check=True, capture_output=True).stdout
        self.assertEqual(sorted(json.loads(line)["id"] for line in zcat.splitlines()), sorted(ids))

    @unittest.skipUnless(shutil.which("java"), "Spark needs Java")
    def test_spark_counts_every_event(self):
        service = self.archive("hive", format={"fields": EVERY_FIELD})
        ids = [json.loads(line)["id"] for path in self.objects(service) for line in gzip.open(path, "rt")]
        counted = self.run_python(
            "import json, sys\nfrom pyspark.sql import SparkSession\n"
            "spark = SparkSession.builder.master('local[1]').config('spark.ui.enabled', 'false')"
            ".config('spark.driver.bindAddress', '127.0.0.1').config('spark.driver.host', '127.0.0.1')"
            ".config('spark.sql.shuffle.partitions', '1').getOrCreate()\n"
            "spark.sql(sys.argv[1].strip().rstrip(';'))\n"
            "print(json.dumps(list(spark.sql('SELECT count(*), count(DISTINCT id), count(message) FROM logs').first())))",
            ddl(service, "spark"))
        self.assertEqual(counted, [len(ids), len(set(ids)), len(ids)])

    def test_sqlglot_parses_each_dialect(self):
        service = self.service({"format": {"fields": EVERY_FIELD}}, start=False)
        service.config_file.write_text(json.dumps(service.settings))
        for engine in ("athena", "duckdb", "spark", "clickhouse"):
            for layout in LAYOUTS.values():
                variables = {f"CISTERN_PARTITION_{name.upper()}": value for name, value in layout.items()}
                kinds = self.run_python(
                    "import json, sqlglot, sys\n"
                    "print(json.dumps([type(s).__name__ for s in sqlglot.parse(sys.argv[1], read=sys.argv[2])]))",
                    ddl(service, engine, **S3, **variables), engine)
                self.assertEqual([kind for kind in kinds if kind != "NoneType"], ["Create"], engine)


if __name__ == "__main__":
    unittest.main()
