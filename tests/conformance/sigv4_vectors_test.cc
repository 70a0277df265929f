// Our signatures against botocore's, over random keys, queries, headers and regions. sigv4_vectors.py made
// those that are kept here, and makes thousands of others where botocore is installed.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "pipeline/digest.h"
#include "pipeline/store/sigv4.h"
#include "tests/temporary_folder.h"

namespace cistern {
namespace {

std::vector<std::pair<std::string, std::string>> pairs(const nlohmann::json& object) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [name, value] : object.items()) out.emplace_back(name, value.get<std::string>());
  return out;
}

void expect_same(const nlohmann::json& vectors) {
  for (const auto& vector : vectors) {
    const std::string path = "/" + uri_encode(vector["key"].get<std::string>(), true);
    ASSERT_EQ(vector["path"], path);
    const auto headers = pairs(vector["headers"]);
    const SigV4Request request{vector["method"], path, pairs(vector["query"]), headers,
                               vector["headers"]["x-amz-content-sha256"]};
    const SigV4Signature ours = sign_v4(request, {vector["region"], "s3", vector["date"]},
                                        {vector["access_key_id"], vector["secret"].get<std::string>()});
    ASSERT_EQ(vector["canonical_sha256"], hex(sha256(ours.canonical_request))) << ours.canonical_request;
    ASSERT_EQ(vector["signature"], ours.signature);
  }
}

TEST(SigV4Vectors, SignaturesAreBotocores) {
  std::ifstream file(CISTERN_CONFORMANCE "/sigv4_vectors.json");
  const nlohmann::json vectors = nlohmann::json::parse(file);
  ASSERT_GE(vectors.size(), 200u);
  expect_same(vectors);
}

TEST(SigV4Vectors, ThousandsOfOthersMadeNow) {
  const char* python = "/usr/bin/python3";
  if (std::system((std::string(python) + " -c 'import botocore' 2>/dev/null").c_str()) != 0)
    GTEST_SKIP() << "botocore is not installed (Debian: python3-botocore)";
  const std::string count = std::getenv("CISTERN_LONG_TESTS") != nullptr ? "40000" : "4000";
  const std::string seed = std::to_string(std::random_device()());
  SCOPED_TRACE("sigv4_vectors.py " + count + " " + seed);
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/vectors.json";
  const std::string command = std::string(python) + " -B " CISTERN_CONFORMANCE "/sigv4_vectors.py " + count +
                              " " + seed + " > " + file;
  ASSERT_EQ(0, std::system(command.c_str()));
  std::ifstream made(file);
  const nlohmann::json vectors = nlohmann::json::parse(made);
  ASSERT_EQ(count, std::to_string(vectors.size()));
  expect_same(vectors);
}

}  // namespace
}  // namespace cistern
