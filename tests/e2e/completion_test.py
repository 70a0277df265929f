"""`cistern completion` and `cistern man`: made of the command line's own tree, and good for those who read them."""
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from service import BINARY

ASK = r"""
source <("$0" completion bash)
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_cistern 2>/dev/null
printf '%s\n' "${COMPREPLY[@]}"
"""


def run(*arguments, **options):
    return subprocess.run(list(map(str, arguments)), capture_output=True, text=True, check=True, **options).stdout


def helped(*command):
    """Names of the options and commands that --help shows."""
    text = run(BINARY, *command, "--help")
    commands = re.findall(r"^  ([a-z]+) {2,}", text.partition("Subcommands:")[2].split("\n\n")[0] + "\n", re.M)
    return set(re.findall(r"(?:^| |,)(--[a-z][a-z0-9-]+)(?=[ ,\n])", text.split("Example")[0].split("Try it")[0], re.M)), set(commands)


@unittest.skipUnless(BINARY, "no binary")
class CompletionTest(unittest.TestCase):
    def bash(self, *words):
        """What bash offers for the last word."""
        return set(run("bash", "--norc", "-c", ASK, BINARY, "cistern", *words).split())

    def test_bash_offers_each_command_and_option(self):
        commands = self.bash("")
        self.assertLessEqual({"serve", "check", "send", "journal", "completion", "version"}, commands)
        for command in commands:
            options, below = helped(command)
            self.assertLessEqual(options, self.bash(command, "--") | {"--version"}, command)
            self.assertLessEqual(below, self.bash(command, ""), command)

    def test_bash_knows_where_it_is(self):
        self.assertEqual(self.bash("se"), {"serve", "send"})
        self.assertEqual(self.bash("journal", "exp"), {"export"})
        self.assertIn("--to", self.bash("--config", "x", "journal", "export", "--"))
        self.assertNotIn("--to", self.bash("journal", "inspect", "--"))
        self.assertEqual(self.bash("ddl", "--for", ""), {"athena", "duckdb", "spark", "clickhouse"})
        self.assertEqual(self.bash("ddl", "--for", "du"), {"duckdb"})
        self.assertEqual(self.bash("completion", ""), {"bash", "zsh", "fish"})
        self.assertEqual(self.bash("send", "--events", ""), set())

    def test_each_shell_can_read_its_own(self):
        for shell, check in (("bash", ["-n"]), ("zsh", ["-n"]), ("fish", ["--no-execute"])):
            script = run(BINARY, "completion", shell)
            self.assertIn("journal", script)
            if shutil.which(shell):
                with tempfile.NamedTemporaryFile("w") as file:
                    file.write(script)
                    file.flush()
                    run(shell, *check, file.name)

    @unittest.skipUnless(shutil.which("fish"), "no fish")
    def test_fish_offers_words(self):
        offered = run("fish", "--no-config", "-c", f"{BINARY} completion fish | source; complete -C 'cistern ddl --for '")
        self.assertEqual({line.split("\t")[0] for line in offered.splitlines()}, {"athena", "duckdb", "spark", "clickhouse"})


@unittest.skipUnless(BINARY, "no binary")
class ManTest(unittest.TestCase):
    def test_it_has_each_command_and_option(self):
        page = run(BINARY, "man").replace("\\-", "-")
        for command in ("serve", "check", "send", "redrive", "journal export", "init", "ddl", "completion"):
            self.assertIn(f".SS cistern {command}", page)
            for option in helped(*command.split())[0] - {"--help"}:
                self.assertIn(f"\\fB{option}\\fR", page, command)

    @unittest.skipUnless(shutil.which("mandoc"), "no mandoc")
    def test_mandoc_finds_nothing_to_mend(self):
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"], input=run(BINARY, "man"), capture_output=True, text=True)
        self.assertEqual((done.stdout, done.returncode), ("", 0))

    @unittest.skipUnless(shutil.which("groff"), "no groff")
    def test_groff_says_nothing(self):
        done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z"], input=run(BINARY, "man"), capture_output=True, text=True)
        self.assertEqual((done.stdout, done.stderr, done.returncode), ("", "", 0))


if __name__ == "__main__":
    unittest.main()
