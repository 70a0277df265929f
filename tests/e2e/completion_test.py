"""`cistern completion` and `cistern man`: made of the command line's own tree, and good for those who read them.

The long form wants zsh and fish (deploy/install-packages long); without, what they would be asked is left out.
"""
import os
import pathlib
import pty
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from service import BINARY

ASK = r"""
source <("$0" completion bash)
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_cistern 2>/dev/null
printf '%s\n' "${COMPREPLY[@]}"
"""

# zsh completes in its line editor only. What it would offer goes to a file, a line each; "asked" ends it.
ZSH_ASK = r"""
autoload -Uz compinit && compinit -u -D
source <("$BINARY" completion zsh)
compadd() {
  if [[ " ${@[1,(i)(-|--)]} " != *" -"[OAD]" "* ]]; then
    local -a offered
    builtin compadd -O offered "$@"
    print -rl -- $offered >>$ANSWER
  fi
  builtin compadd "$@"
}
asked() {
  print asked >>$ANSWER
  comppostfuncs=(asked)  # holds for one completion
}
comppostfuncs=(asked)
line() { print -rl -- "$BUFFER" asked >>$ANSWER }
zle -N line && bindkey '^Xl' line
"""
SHELLS_WANTED = bool(os.environ.get("CISTERN_LONG_TESTS"))


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


class AskedShell:
    """The questions of one shell: the same words are right in each."""

    def test_it_offers_commands(self):
        self.assertEqual(self.offered("cistern se"), {"serve", "send"})
        self.assertEqual(self.offered("cistern journal "), {"inspect", "verify", "export"})
        self.assertEqual(self.offered("cistern completion "), {"bash", "zsh", "fish"})
        self.assertLessEqual({"serve", "check", "top", "version"}, self.offered("cistern "))

    def test_it_offers_options_and_their_values(self):
        self.assertEqual(self.offered("cistern check --no"), {"--no-tries"})
        self.assertEqual(self.offered("cistern --config x journal export --t"), {"--to"})
        self.assertEqual(self.offered("cistern ddl --for "), {"athena", "duckdb", "spark", "clickhouse"})
        self.assertEqual(self.offered("cistern ddl --for du"), {"duckdb"})
        self.assertEqual(self.offered("cistern send --events "), set())

    def test_a_flag_takes_no_value(self):
        self.assertEqual(self.offered("cistern check --iam --no"), {"--no-tries"})
        self.assertEqual(self.offered("cistern send --gzip --dur"), {"--duration"})


@unittest.skipUnless(BINARY and (SHELLS_WANTED or shutil.which("fish")), "no binary or no fish")
class FishTest(AskedShell, unittest.TestCase):
    def offered(self, line):
        said = run("fish", "--no-config", "-c", f"{BINARY} completion fish | source; complete -C '{line}'")
        return {offer.split("\t")[0] for offer in said.splitlines()}


@unittest.skipUnless(BINARY and (SHELLS_WANTED or shutil.which("zsh")), "no binary or no zsh")
class ZshTest(AskedShell, unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="cistern-zsh-")
        self.addCleanup(holder.cleanup)
        self.answer = pathlib.Path(holder.name, "answer")
        pathlib.Path(holder.name, ".zshrc").write_text(ZSH_ASK)
        environment = {**os.environ, "ZDOTDIR": holder.name, "ANSWER": str(self.answer), "BINARY": BINARY, "TERM": "dumb"}
        process, self.terminal = pty.fork()
        if process == 0:
            os.execvpe("zsh", ["zsh", "--no-global-rcs", "-i"], environment)
        self.addCleanup(os.waitpid, process, 0)
        self.addCleanup(os.close, self.terminal)
        self.addCleanup(os.kill, process, signal.SIGKILL)

    def answered(self, keys):
        self.answer.write_text("")
        os.write(self.terminal, keys.encode())
        for _ in range(600):
            said = self.answer.read_text().splitlines()
            if said and said[-1] == "asked":
                return said[:-1]
            time.sleep(0.05)
        self.fail(f"zsh did not answer: {os.read(self.terminal, 4000)}")

    def offered(self, line):
        return {word for word in self.answered(f"\x15{line}\t") if word}  # ^U: whatever stood there goes

    def test_the_only_word_is_completed(self):
        for typed, completed in (("cistern ser", "cistern serve "), ("cistern check --iam --no", "cistern check --iam --no-tries "),
                                 ("cistern ddl --for du", "cistern ddl --for duckdb ")):
            self.offered(typed)
            self.assertEqual(self.answered("\x18l"), [completed])


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
