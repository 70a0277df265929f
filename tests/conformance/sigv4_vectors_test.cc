// Our signatures against botocore's, over random keys, queries, headers and regions. sigv4_vectors.py made
// them.
#include <fstream>

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "pipeline/digest.h"
#include "pipeline/store/sigv4.h"

namespace cistern {
namespace {

std::vector<std::pair<std::string, std::string>> pairs(const nlohmann::json& object) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [name, value] : object.items()) out.emplace_back(name, value.get<std::string>());
  return out;
}

TEST(SigV4Vectors, SignaturesAreBotocores) {
  std::ifstream file(CISTERN_SIGV4_VECTORS);
  const nlohmann::json vectors = nlohmann::json::parse(file);
  ASSERT_GE(vectors.size(), 200u);
  for (const auto& vector : vectors) {
    const std::string path = "/" + uri_encode(vector["key"].get<std::string>(), true);
    ASSERT_EQ(vector["path"], path);
    const auto headers = pairs(vector["headers"]);
    const SigV4Request request{vector["method"], path, pairs(vector["query"]), headers,
                               vector["headers"]["x-amz-content-sha256"]};
    const SigV4Signature ours = sign_v4(request, {vector["region"], "s3", vector["date"]},
                                        {vector["access_key_id"], vector["secret"].get<std::string>()});
    EXPECT_EQ(vector["canonical_sha256"], hex(sha256(ours.canonical_request))) << ours.canonical_request;
    EXPECT_EQ(vector["signature"], ours.signature);
  }
}

}  // namespace
}  // namespace cistern
