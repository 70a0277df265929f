#include "pipeline/store/credentials/credential_process.h"

#include "pipeline/call_on.h"
#include "pipeline/store/credentials/credential_document.h"
#include "pipeline/store/credentials/run_program.h"

namespace cistern {
namespace {

constexpr int64_t kLimitMs = 60'000;

class CredentialProcess : public CredentialProvider {
 public:
  CredentialProcess(std::vector<std::string> words, const CredentialDoors& doors)
      : words_(std::move(words)), doors_(doors), name_("program " + words_[0]) {}

  boost::asio::awaitable<Result<Credentials>> fetch() override {
    const auto run = [this] { return run_program(words_, kLimitMs, doors_.clock); };
    CISTERN_CO_TRY(const Secret output, co_await call_on(doors_.workers, run));
    std::string document(output.view());
    if (number_member(document, "Version") != 1) {
      cleanse(document);
      co_return fatal(name_ + " did not print a JSON document with \"Version\": 1: run it by hand to see");
    }
    co_return read_credential_document(document, "SessionToken");
  }

  const std::string& name() const override { return name_; }

 private:
  const std::vector<std::string> words_;
  const CredentialDoors doors_;
  const std::string name_;
};

}  // namespace

Result<std::unique_ptr<CredentialProvider>> credential_process(const std::string& command,
                                                               const CredentialDoors& doors) {
  auto words = split_command(command);
  if (!words) return invalid("credential_process: " + words.error().what);
  return std::make_unique<CredentialProcess>(std::move(words).value(), doors);
}

}  // namespace cistern
