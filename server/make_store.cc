#include "server/make_store.h"

#include "pipeline/store/credentials/choose_credentials.h"
#include "pipeline/store/file_store.h"
#include "pipeline/store/s3_store.h"

namespace cistern {

Result<std::shared_ptr<CredentialSource>> make_credentials(const StoreConfig& config, Disk& disk,
                                                           Runtime& runtime) {
  const CredentialOptions options{{config.access_key_id, config.secret_access_key, config.session_token},
                                  config.aws,
                                  config.region,
                                  config.assume_role};
  return choose_credentials(options, {runtime, disk, runtime.io().get_executor(), runtime.store()});
}

Result<std::unique_ptr<ObjectStore>> make_store(const StoreConfig& config, Disk& disk, Runtime& runtime) {
  if (config.type == "file") return make_file_store({config.path, config.prefix}, disk, runtime.store());
  CISTERN_TRY(auto credentials, make_credentials(config, disk, runtime));
  S3Options options{config.bucket,     config.prefix,  config.region,    config.endpoint,
                    config.path_style, config.ca_file, config.timeout_ms};
  return make_s3_store(std::move(options), std::move(credentials), runtime, runtime.io().get_executor(),
                       runtime.store());
}

}  // namespace cistern
