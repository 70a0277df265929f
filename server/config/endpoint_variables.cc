// See read_endpoint_variables in reading.h.
//
// Names and meanings: the AWS SDKs and Tools Reference Guide (service-specific endpoints, dual-stack and FIPS
// endpoints), and curl's habits for the proxy. What the configuration says goes before all of them.
#include "server/config/reading.h"

namespace cistern {

void read_endpoint_variables(const Environment& environment, ConfigReading& reading) {
  StoreConfig& store = reading.config.store;
  if (store.type != "s3") return;
  const auto first_of = [&](std::initializer_list<const char*> names) {
    for (const char* name : names)
      if (auto value = environment.value(name).value_or(""); !value.empty()) return value;
    return std::string();
  };
  const bool ignored = first_of({"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"}) == "true";
  if (!reading.given("store.endpoint") && !ignored)
    store.endpoint = first_of({"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"});
  if (!reading.given("store.dual_stack"))
    store.dual_stack = first_of({"AWS_USE_DUALSTACK_ENDPOINT"}) == "true";
  if (!reading.given("store.fips")) store.fips = first_of({"AWS_USE_FIPS_ENDPOINT"}) == "true";
  if (!reading.given("store.proxy")) {
    store.proxy = first_of({"HTTPS_PROXY", "https_proxy"});
    store.no_proxy = first_of({"NO_PROXY", "no_proxy"});
  }
}

}  // namespace cistern
