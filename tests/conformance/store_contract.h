// A store under the contract suite, with what the suite needs beside ObjectStore.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "tests/conformance/store_rig.h"

namespace cistern::store_rig {

// Holds an empty store and whatever it stands on; everything goes with it.
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  virtual ObjectStore& store() = 0;
  // Another one over the same place, whose keys are all below `prefix`; null: this kind has no prefixes.
  virtual std::unique_ptr<ObjectStore> below(const std::string& prefix) = 0;
  // Another program's object.
  virtual void put_stranger(const std::string& key, const std::string& bytes) = 0;
  virtual Executors& executors() = 0;
};

// Null: there is none of this kind here, the test is skipped.
using MakeStore = std::function<std::unique_ptr<StoreUnderTest>()>;

std::unique_ptr<StoreUnderTest> make_memory_store_under_test();
std::unique_ptr<StoreUnderTest> make_file_store_under_test();
// Where CISTERN_TEST_S3_ENDPOINT says; tests/s3-server starts one.
std::unique_ptr<StoreUnderTest> make_s3_store_under_test();
std::unique_ptr<StoreUnderTest> make_s3_store_with_options_under_test();

}  // namespace cistern::store_rig
