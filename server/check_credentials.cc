#include "server/check_credentials.h"

#include "pipeline/store/credentials/sts.h"
#include "pipeline/utc_time.h"
#include "server/make_store.h"

namespace cistern {
namespace {

std::string validity_of(const Credentials& credentials) {
  if (credentials.expires_ms) return ", valid until " + utc_seconds(*credentials.expires_ms);
  return credentials.session_token.empty() ? ", without an end" : ", temporary: nobody says until when";
}

boost::asio::awaitable<Result<std::string>> describe(CredentialSource& source, Sts* sts) {
  CISTERN_CO_TRY(const auto credentials, co_await source.credentials());
  std::string text = "from the " + source.name() + validity_of(credentials);
  if (source.name() == "configuration") text += " (a role or the environment is the better place)";
  if (sts == nullptr) co_return text;
  const auto caller = co_await sts->caller_identity(credentials);
  if (!caller) co_return text + "; the account is not known: " + caller.error().what;
  co_return text + "; account " + caller.value().account + " as " + caller.value().arn;
}

}  // namespace

Result<std::string> check_credentials(const StoreConfig& config, Disk& disk, Runtime& runtime) {
  CISTERN_TRY(const auto source, make_credentials(config, disk, runtime));
  CISTERN_TRY(auto sts,
              Sts::make(sts_options(config), {runtime, disk, runtime.io().get_executor(), runtime.store()}));
  const bool asked = config.endpoint.empty() || !config.aws.sts_endpoint.empty();
  return runtime.wait_for(describe(*source, asked ? &sts : nullptr));
}

}  // namespace cistern
