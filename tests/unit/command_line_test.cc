#include "server/command_line.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

#include "server/exit_codes.h"

namespace cistern {
namespace {

using Command = CommandLine::Command;

CommandLine parsed(const std::vector<std::string>& arguments) {
  auto result = parse_command_line(arguments, {});
  if (auto* exit = std::get_if<EarlyExit>(&result)) ADD_FAILURE() << exit->text;
  auto* line = std::get_if<CommandLine>(&result);
  return line == nullptr ? CommandLine{} : *line;
}

EarlyExit refused(const std::vector<std::string>& arguments) {
  auto result = parse_command_line(arguments, {});
  auto* exit = std::get_if<EarlyExit>(&result);
  return exit == nullptr ? EarlyExit{-1, "was taken"} : *exit;
}

TEST(CommandLine, EachCommandIsKnown) {
  EXPECT_EQ(parsed({"serve"}).command, Command::serve);
  EXPECT_EQ(parsed({"check"}).command, Command::check);
  EXPECT_EQ(parsed({"send"}).command, Command::send);
  EXPECT_EQ(parsed({"health"}).command, Command::health);
  EXPECT_EQ(parsed({"top", "--once"}).command, Command::top);
  EXPECT_EQ(parsed({"version"}).command, Command::version);
}

TEST(CommandLine, TheFileMayStandBeforeOrAfterTheCommand) {
  EXPECT_EQ(parsed({"--config", "a.yaml", "serve"}).config_file, "a.yaml");
  EXPECT_EQ(parsed({"serve", "--config", "a.yaml"}).config_file, "a.yaml");
  EXPECT_EQ(parsed({"check", "--config=a.yaml"}).config_file, "a.yaml");
  EXPECT_EQ(parsed({"serve"}).config_file, "");
}

TEST(CommandLine, CheckHasItsOptions) {
  EXPECT_TRUE(parsed({"check", "--settings"}).check_settings);
  EXPECT_TRUE(parsed({"check", "--no-tries"}).check_text_only);
  EXPECT_TRUE(parsed({"check", "--iam"}).check_iam);
  EXPECT_FALSE(parsed({"check"}).check_settings);
}

TEST(CommandLine, JournalHasItsCommands) {
  using Action = JournalCommand::Action;
  const CommandLine inspect = parsed({"journal", "inspect", "--json", "--path", "j"});
  EXPECT_EQ(inspect.command, Command::journal);
  EXPECT_EQ(inspect.journal.action, Action::inspect);
  EXPECT_TRUE(inspect.journal.json);
  EXPECT_EQ(inspect.journal.path, "j");
  EXPECT_EQ(parsed({"journal", "verify", "--config", "a.yaml"}).journal.action, Action::verify);
  const CommandLine written = parsed({"journal", "--path", "j", "export", "--to", "out"});
  EXPECT_EQ(written.journal.action, Action::write_out);
  EXPECT_EQ(written.journal.to, "out");
  EXPECT_EQ(written.journal.path, "j");
  EXPECT_EQ(refused({"journal"}).code, kExitUsage);
  EXPECT_EQ(refused({"journal", "export"}).code, kExitUsage);
  EXPECT_EQ(refused({"journal", "verify", "--json"}).code, kExitUsage);
}

TEST(CommandLine, CommandsThatPrintHaveTheirOptions) {
  EXPECT_EQ(parsed({"config", "schema"}).config.form, ConfigCommand::Form::schema);
  EXPECT_EQ(parsed({"ddl", "--for", "spark", "--table", "t"}).ddl.engine, "spark");
  EXPECT_EQ(parsed({"lifecycle", "--expire-after", "9"}).lifecycle.expire_after, 9u);
  EXPECT_EQ(parsed({"init"}).init.folder, ".");
  for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{
           {"config"}, {"ddl"}, {"ddl", "--for", "oracle"}, {"ddl", "--for", "spark", "--table", "a b"}})
    EXPECT_EQ(refused(wrong).code, kExitUsage) << wrong.back();
}

TEST(CommandLine, SendTakesItsOwnOptions) {
  std::string url;
  auto result = parse_command_line({"send", "--url", "https://h/"},
                                   [&](CLI::App& send) { send.add_option("--url", url); });
  ASSERT_TRUE(std::holds_alternative<CommandLine>(result));
  EXPECT_EQ(std::get<CommandLine>(result).command, Command::send);
  EXPECT_EQ(url, "https://h/");
}

TEST(CommandLine, MistakesAreUsageErrors) {
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{},
                                             {"sevre"},
                                             {"serve", "check"},
                                             {"serve", "--confg", "a"},
                                             {"serve", "--config"},
                                             {"serve", "--config", ""},
                                             {"serve", "a.yaml"},
                                             {"check", "--settings", "--no-tries"},
                                             {"send", "--settings"}}) {
    EXPECT_EQ(refused(wrong).code, kExitUsage) << (wrong.empty() ? "nothing" : wrong.back());
    EXPECT_NE(refused(wrong).text.find("cistern"), std::string::npos);
  }
}

TEST(CommandLine, AMistypedCommandIsRecognised) {
  EXPECT_EQ(refused({"sevre"}).text,
            "cistern: \"sevre\" is not a command; did you mean serve? [CIS-1001]\nTry: cistern --help\n");
  EXPECT_EQ(refused({"frobnicate"}).text,
            "cistern: \"frobnicate\" is not a command; there are serve, check, send, redrive, journal, "
            "health, top, init, config, ddl, lifecycle, completion, man, version [CIS-1001]\n"
            "Try: cistern --help\n");
}

TEST(CommandLine, HelpTeachesByExample) {
  auto help = refused({"--help"});
  EXPECT_EQ(help.code, kExitOk);
  for (const char* part : {"serve", "check", "send", "version", "--config", "cistern.yaml",
                           "CISTERN_PARTITION_FLUSH_SIZE", "78"})
    EXPECT_NE(help.text.find(part), std::string::npos) << part << "\n" << help.text;
  EXPECT_EQ(refused({"serve", "--help"}).code, kExitOk);
  EXPECT_NE(refused({"serve", "--help"}).text.find("SIGTERM"), std::string::npos);
  EXPECT_NE(refused({"check", "--help"}).text.find("--settings"), std::string::npos);
}

}  // namespace
}  // namespace cistern
