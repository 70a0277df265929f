#include "server/make_store.h"

#include "pipeline/store/condition_proof.h"
#include "pipeline/store/credentials/choose_credentials.h"
#include "pipeline/store/file_store.h"
#include "pipeline/store/s3_store.h"

namespace cistern {

S3Options s3_options(const StoreConfig& config) {
  S3Options options;
  options.bucket = config.bucket;
  options.prefix = config.prefix;
  options.region = config.region;
  options.endpoint = config.endpoint;
  options.path_style = config.path_style;
  options.dual_stack = config.dual_stack;
  options.fips = config.fips;
  options.object = config.object;
  options.ca_file = config.ca_file;
  options.proxy = config.proxy == "off" ? "" : config.proxy;
  options.no_proxy = config.no_proxy;
  options.connect_ms = config.connect_timeout_ms;
  options.timeout_ms = config.timeout_ms;
  options.requests_at_once = config.uploads;
  return options;
}

StsOptions sts_options(const StoreConfig& config) {
  StsOptions options;
  options.region = config.region;
  options.fips = config.fips;
  options.dual_stack = config.dual_stack;
  options.endpoint = config.aws.sts_endpoint;
  options.ca_file = config.aws.ca_bundle;
  options.proxy = config.proxy == "off" ? "" : config.proxy;
  options.no_proxy = config.no_proxy;
  return options;
}

Result<std::shared_ptr<CredentialSource>> make_credentials(const StoreConfig& config, Disk& disk,
                                                           Runtime& runtime) {
  const CredentialOptions options{{config.access_key_id, config.secret_access_key, config.session_token},
                                  config.aws,
                                  sts_options(config),
                                  config.assume_role};
  return choose_credentials(options, {runtime, disk, runtime.io().get_executor(), runtime.store()});
}

Result<std::unique_ptr<ObjectStore>> make_store(const StoreConfig& config, Disk& disk, Runtime& runtime) {
  if (config.type == "file") return make_file_store({config.path, config.prefix}, disk, runtime.store());
  CISTERN_TRY(auto credentials, make_credentials(config, disk, runtime));
  CISTERN_TRY(auto store, make_s3_store(s3_options(config), std::move(credentials), runtime,
                                        runtime.io().get_executor(), runtime.store()));
  return prove_condition(std::move(store));
}

}  // namespace cistern
