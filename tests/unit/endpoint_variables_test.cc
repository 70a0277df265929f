// The variables that the AWS SDKs read, beside credentials and region.
#include <gtest/gtest.h>

#include "server/make_store.h"
#include "tests/unit/config_fixture.h"

namespace cistern {
namespace {

const std::string kS3 = "tls: off\naccess_keys: none\nstore: { type: s3, bucket: b";

StoreConfig store_of(const std::string& more, const Variables& variables) {
  auto loaded = load(kS3 + more + " }", variables);
  EXPECT_TRUE(loaded) << loaded.error().what;
  return loaded ? loaded.value().config.store : StoreConfig();
}

TEST(EndpointVariables, TheServicesOwnUrlGoesFirst) {
  Variables aws{{"AWS_ENDPOINT_URL", "https://all.test"}, {"AWS_ENDPOINT_URL_S3", "https://s3.test"}};
  EXPECT_EQ("https://s3.test", store_of("", aws).endpoint);
  EXPECT_EQ("https://mine.test", store_of(", endpoint: \"https://mine.test\"", aws).endpoint);
  aws.erase("AWS_ENDPOINT_URL_S3");
  EXPECT_EQ("https://all.test", store_of("", aws).endpoint);
  aws["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
  EXPECT_EQ("", store_of("", aws).endpoint);
}

TEST(EndpointVariables, AFolderHasNoEndpoint) {
  auto loaded = load("tls: off\naccess_keys: none", {{"AWS_ENDPOINT_URL_S3", "https://s3.test"}});
  EXPECT_EQ("", loaded.value().config.store.endpoint);
}

TEST(EndpointVariables, DualStackAndFips) {
  const Variables aws{{"AWS_USE_DUALSTACK_ENDPOINT", "true"}, {"AWS_USE_FIPS_ENDPOINT", "true"}};
  EXPECT_TRUE(store_of("", aws).dual_stack);
  EXPECT_TRUE(store_of("", aws).fips);
  EXPECT_FALSE(store_of(", fips: false", aws).fips);
  EXPECT_FALSE(store_of("", {}).dual_stack);
}

TEST(EndpointVariables, StsHasAUrlOfItsOwnAndFollowsTheStoreInAllElse) {
  Variables aws{{"AWS_ENDPOINT_URL", "https://all.test"}, {"AWS_ENDPOINT_URL_STS", "https://sts.test"}};
  EXPECT_EQ("https://sts.test", sts_options(store_of("", aws)).endpoint);
  aws.erase("AWS_ENDPOINT_URL_STS");
  EXPECT_EQ("https://all.test", sts_options(store_of("", aws)).endpoint);
  aws["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
  EXPECT_EQ("", sts_options(store_of("", aws)).endpoint);
  const StsOptions options =
      sts_options(store_of(", fips: true, region: us-gov-east-1", {{"AWS_USE_DUALSTACK_ENDPOINT", "true"},
                                                                   {"AWS_CA_BUNDLE", "ca.pem"},
                                                                   {"HTTPS_PROXY", "http://p.test"},
                                                                   {"NO_PROXY", ".api.aws"}}));
  EXPECT_TRUE(options.fips && options.dual_stack);
  EXPECT_EQ("us-gov-east-1", options.region);
  EXPECT_EQ("ca.pem", options.ca_file);
  EXPECT_EQ("http://p.test", options.proxy);
  EXPECT_EQ(".api.aws", options.no_proxy);
  EXPECT_EQ("", sts_options(store_of(", proxy: \"off\"", {{"HTTPS_PROXY", "http://p.test"}})).proxy);
}

TEST(EndpointVariables, Proxies) {
  Variables variables{{"https_proxy", "http://small.test"}, {"no_proxy", ".internal"}};
  EXPECT_EQ("http://small.test", store_of("", variables).proxy);
  EXPECT_EQ(".internal", store_of("", variables).no_proxy);
  variables["HTTPS_PROXY"] = "http://large.test";
  EXPECT_EQ("http://large.test", store_of("", variables).proxy);
  const StoreConfig own = store_of(", proxy: \"http://mine.test\"", variables);
  EXPECT_EQ("http://mine.test", own.proxy);
  EXPECT_EQ("", own.no_proxy);
  EXPECT_EQ("", s3_options(store_of(", proxy: \"off\"", variables)).proxy);
}

}  // namespace
}  // namespace cistern
