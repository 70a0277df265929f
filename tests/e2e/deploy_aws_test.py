"""deploy/cloudformation and deploy/ecs: read by the tools that AWS reads with, and by Cistern's own configuration reader."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest
import venv

import yaml

from service import BINARY

DEPLOY = pathlib.Path(__file__).resolve().parents[2] / "deploy"
TEMPLATE = DEPLOY / "cloudformation" / "cistern.yaml"


class Loader(yaml.SafeLoader):
    """CloudFormation's short forms as {"!Ref": ...}."""


Loader.add_multi_constructor("!", lambda loader, tag, node: {
    "!" + tag: loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else
    loader.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else
    loader.construct_mapping(node, deep=True)})


def template():
    return yaml.load(TEMPLATE.read_text(), Loader)


class Deployed:
    """The template's values as they would be, as far as a configuration needs them."""

    def __init__(self, **parameters):
        self.template = template()
        self.values = {name: str(each.get("Default", name.lower())) for name, each in self.template["Parameters"].items()}
        self.values.update({"AWS::Region": "eu-west-1", "AWS::StackName": "test", "Archive": "the-archive", **parameters})

    def text(self, value):
        if not isinstance(value, dict):
            return str(value)
        (form, inner), = value.items()
        if form == "!Ref":
            return self.values[inner]
        if form == "!Sub":
            return re.sub(r"\$\{([\w:]+)\}", lambda name: self.values[name[1]], inner)
        if form == "!If":
            (_, (name, expected)), = [next(iter(self.template["Conditions"][inner[0]].items()))]
            return self.text(inner[1] if self.text(name) == expected else inner[2])
        raise AssertionError(f"not expected in an environment: {value}")

    def environment(self, replica):
        container, = self.template["Resources"][f"Task{replica}"]["Properties"]["ContainerDefinitions"]
        return {each["Name"]: self.text(each["Value"]) for each in container["Environment"]} | {
            each["Name"]: "secret" for each in container["Secrets"]}


@unittest.skipUnless(BINARY, "CISTERN_BINARY names no binary")
class ConfigurationTest(unittest.TestCase):
    def check(self, environment):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([BINARY, "check", "--no-tries"], cwd=folder, env=environment, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return yaml.safe_load(done.stdout)

    def test_the_template_s_settings_are_known(self):
        for journal, acknowledge in (("task", "stored"), ("efs", "durable")):
            for replica in "AB":
                shown = self.check(Deployed(Journal=journal).environment(replica))
                self.assertEqual((shown["acknowledge"], shown["tls"], shown["store"]["bucket"]), (acknowledge, False, "the-archive"))
                self.assertEqual(shown["access_keys"], [{"name": "firehose", "value": "***"}])
        with self.assertRaises(AssertionError):
            self.check(Deployed().environment("A") | {"CISTERN_JOURNALS_PATH": "x"})

    def test_the_role_holds_exactly_what_check_iam_prints(self):
        for replica in "AB":
            with tempfile.TemporaryDirectory() as folder:
                printed = subprocess.run([BINARY, "check", "--iam"], cwd=folder, env=Deployed().environment(replica), check=True,
                                         capture_output=True, text=True).stdout
            policy, = template()["Resources"]["TaskRole"]["Properties"]["Policies"]
            held = policy["PolicyDocument"]["Statement"]
            for statement in held:  # as CloudFormation would fill it in
                statement["Resource"] = statement["Resource"]["!Sub"].replace("${Archive.Arn}", "arn:aws:s3:::the-archive")
            plain = lambda statements: [{**{name: value for name, value in each.items() if name != "Sid"},
                                         "Action": sorted(each["Action"])} for each in statements]
            self.assertEqual(plain(held), plain(json.loads(printed)["Statement"]))

    def test_the_task_definitions_settings_are_known(self):
        for name, acknowledge in (("service", "durable"), ("sidecar", "stored")):
            container = json.loads((DEPLOY / "ecs" / f"{name}.json").read_text())["containerDefinitions"][-1]
            variables = {each["name"]: each["value"] for each in container["environment"]}
            shown = self.check(variables | {each["name"]: "secret" for each in container["secrets"]})
            self.assertEqual(shown["acknowledge"], acknowledge)


class TemplateTest(unittest.TestCase):
    def setUp(self):
        self.resources = template()["Resources"]

    def statements(self, role):
        for policy in self.resources[role]["Properties"]["Policies"]:
            yield from policy["PolicyDocument"]["Statement"]

    def test_the_replicas_are_the_same(self):
        text = TEMPLATE.read_text()
        first, second = re.search(r"\n  MountTargetA:.*?(?=\n  # Second)", text, re.S)[0], re.search(
            r"\n  MountTargetB:.*?(?=\n\n  # --- alarms)", text, re.S)[0]
        swapped = re.sub(r"\b(MountTarget|Folder|Task|Service|Subnet)A\b", r"\1B", first)
        swapped = swapped.replace("Path: /A", "Path: /B").replace("${AWS::StackName}-A", "${AWS::StackName}-B")
        self.assertEqual(swapped.replace("stream-prefix: A", "stream-prefix: B").strip(), second.strip())

    def test_no_log_line_comes_round(self):
        left_out = self.resources["AccountSubscription"]["Properties"]["SelectionCriteria"]["!Sub"]
        for name, resource in self.resources.items():
            if resource["Type"] == "AWS::Logs::LogGroup":
                self.assertIn(f'"${{{name}}}"', left_out)

    def test_cistern_may_store_and_look_and_nothing_else(self):
        statement, = self.statements("TaskRole")
        self.assertEqual((statement["Action"], statement["Resource"]),
                         (["s3:GetObject", "s3:PutObject"], {"!Sub": "${Archive.Arn}/*"}))

    def test_only_a_token_for_the_registry_is_asked_of_everything(self):
        for name, resource in self.resources.items():
            if resource["Type"] == "AWS::IAM::Role":
                wide = [each["Action"] for each in self.statements(name) if each["Resource"] == "*"]
                self.assertLessEqual(set(wide), {"ecr:GetAuthorizationToken"}, name)
                self.assertNotIn("*", json.dumps([each["Action"] for each in self.statements(name)]))

    def test_a_drain_ends_before_ecs_kills(self):
        container, = self.resources["TaskA"]["Properties"]["ContainerDefinitions"]
        drain = re.search(r"drain: (\d+)s", container["Environment"][0]["Value"]["!Sub"])[1]
        self.assertLess(int(drain), container["StopTimeout"])

    def test_the_table_of_costs_is_what_the_formulas_say(self):
        said = subprocess.run([DEPLOY / "costs"], check=True, capture_output=True, text=True).stdout
        self.assertIn(said, (DEPLOY / "cloudformation" / "README.md").read_text())

    @unittest.skipUnless(os.environ.get("CISTERN_LONG_TESTS"), "long: fetches cfn-lint")
    def test_cfn_lint_has_nothing_to_say(self):
        with tempfile.TemporaryDirectory() as folder:
            venv.create(folder, with_pip=True)
            subprocess.run([f"{folder}/bin/pip", "install", "--quiet", "cfn-lint"], check=True)
            done = subprocess.run([f"{folder}/bin/cfn-lint", "--include-checks", "I", "--", TEMPLATE], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, ""))


class TaskDefinitionTest(unittest.TestCase):
    def test_botocore_s_model_of_ecs_takes_them(self):
        import botocore.session
        from botocore.validate import validate_parameters
        shape = botocore.session.get_session().get_service_model("ecs").operation_model("RegisterTaskDefinition").input_shape
        for path in sorted((DEPLOY / "ecs").glob("*.json")):
            definition = json.loads(path.read_text())
            validate_parameters(definition, shape)
            for container in definition["containerDefinitions"]:
                with self.subTest(file=path.name, container=container["name"]):
                    self.assertIn(container["logConfiguration"]["logDriver"],
                                  shape.members["containerDefinitions"].member.members["logConfiguration"].members["logDriver"].enum)
        with self.assertRaises(botocore.exceptions.ParamValidationError):
            validate_parameters({**definition, "volumess": []}, shape)

    def test_a_drain_ends_before_ecs_kills_and_logs_do_not_come_round(self):
        for path in sorted((DEPLOY / "ecs").glob("*.json")):
            container = json.loads(path.read_text())["containerDefinitions"][-1]
            variables = {each["name"]: each["value"] for each in container["environment"]}
            self.assertLess(int(variables["CISTERN_TIMEOUTS_DRAIN"][:-1]), container["stopTimeout"])
            self.assertEqual(container["logConfiguration"]["options"]["awslogs-group"], "/cistern/tasks")
            self.assertTrue(container["readonlyRootFilesystem"])


if __name__ == "__main__":
    unittest.main()
