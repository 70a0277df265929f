#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "pipeline/store/file_store.h"
#include "pipeline/store/https_client.h"
#include "pipeline/store/s3_store.h"
#include "tests/conformance/fixed_credentials.h"
#include "tests/conformance/memory_store.h"
#include "tests/conformance/store_contract.h"

namespace cistern::store_rig {
namespace {

std::string random_name() {
  std::random_device random;
  return "contract-" + std::to_string(random()) + std::to_string(random());
}

class MemoryUnderTest : public StoreUnderTest {
 public:
  ObjectStore& store() override { return store_; }
  std::unique_ptr<ObjectStore> below(const std::string&) override { return nullptr; }
  void put_stranger(const std::string& key, const std::string& bytes) override {
    store_.put_stranger(key, bytes);
  }
  Executors& executors() override { return executors_; }

 private:
  Executors executors_;
  MemoryStore store_;
};

class FileUnderTest : public StoreUnderTest {
 public:
  FileUnderTest() : root_(std::filesystem::temp_directory_path() / random_name()), store_(below("")) {}
  ~FileUnderTest() override { std::filesystem::remove_all(root_); }
  ObjectStore& store() override { return *store_; }
  std::unique_ptr<ObjectStore> below(const std::string& prefix) override {
    return make_file_store({root_.string(), prefix}, *disk_, executors_.workers());
  }
  void put_stranger(const std::string& key, const std::string& bytes) override {
    std::filesystem::create_directories((root_ / key).parent_path());
    std::ofstream(root_ / key) << bytes;
  }
  Executors& executors() override { return executors_; }

 private:
  Executors executors_;
  std::filesystem::path root_;
  std::unique_ptr<Disk> disk_ = make_posix_disk();
  std::unique_ptr<ObjectStore> store_;
};

std::string variable(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

class S3UnderTest : public StoreUnderTest {
 public:
  explicit S3UnderTest(S3ObjectSettings object) : object_(std::move(object)), store_(below("")) {}
  ObjectStore& store() override { return *store_; }
  std::unique_ptr<ObjectStore> below(const std::string& prefix) override {
    auto source = fixed_credentials(credentials_);
    return make_s3_store(options(prefix), source, clock_, executors_.io(), executors_.workers()).value();
  }
  void put_stranger(const std::string& key, const std::string& bytes) override {
    const auto url = parse_http_url(options("").endpoint).value();
    auto client =
        HttpsClient::make({.endpoint = url.endpoint}, clock_, executors_.io(), executors_.workers()).value();
    HttpRequest request;
    request.method = "PUT";
    request.target = "/" + options("").bucket + "/" + uri_encode(options("").prefix + key, true);
    const std::string date = amz_date(clock_.wall_ms());
    request.headers = {{"Host", url.endpoint.authority()},
                       {"x-amz-date", date},
                       {"x-amz-content-sha256", hex(sha256(bytes))}};
    request.headers.emplace_back("Authorization",
                                 sign_v4({"PUT", request.target, {}, request.headers, hex(sha256(bytes))},
                                         {options("").region, "s3", date}, credentials_)
                                     .authorization);
    request.body = bytes_in_memory(bytes);
    request.body_size = bytes.size();
    auto answer = executors_.run(client->request(std::move(request)));
    if (!answer || answer.value().status != 200) std::abort();
  }
  Executors& executors() override { return executors_; }

 private:
  S3Options options(const std::string& prefix) const {
    S3Options options;
    options.endpoint = variable("CISTERN_TEST_S3_ENDPOINT", "");
    options.bucket = variable("CISTERN_TEST_S3_BUCKET", "cistern-test");
    options.region = variable("CISTERN_TEST_S3_REGION", "us-east-1");
    options.path_style = true;
    options.prefix = place_ + "/" + prefix;
    options.object = object_;
    return options;
  }

  Executors executors_;
  RealClock clock_;
  const S3ObjectSettings object_;
  const std::string place_ = random_name();
  const Credentials credentials_{variable("CISTERN_TEST_S3_ACCESS_KEY", "AKIATEST"),
                                 variable("CISTERN_TEST_S3_SECRET_KEY", "secrettest"), ""};
  std::unique_ptr<ObjectStore> store_;
};

}  // namespace

std::unique_ptr<StoreUnderTest> make_memory_store_under_test() { return std::make_unique<MemoryUnderTest>(); }
std::unique_ptr<StoreUnderTest> make_file_store_under_test() { return std::make_unique<FileUnderTest>(); }
std::unique_ptr<StoreUnderTest> make_s3_store_under_test() {
  if (variable("CISTERN_TEST_S3_ENDPOINT", "").empty()) return nullptr;
  return std::make_unique<S3UnderTest>(S3ObjectSettings());
}
// With all that tests/s3-server can show without locking objects.
std::unique_ptr<StoreUnderTest> make_s3_store_with_options_under_test() {
  if (variable("CISTERN_TEST_S3_ENDPOINT", "").empty()) return nullptr;
  S3ObjectSettings object{.checksum = "crc64nvme", .storage_class = "STANDARD_IA", .sse = "aws:kms"};
  object.sse_kms_key_id = "cistern-test-key";
  object.content_encoding = "gzip";
  object.tags = {"team=logs", "cost center=a/b=c"};
  object.metadata = {"team=log archive"};
  object.acl = "bucket-owner-full-control";
  object.requester_pays = true;
  return std::make_unique<S3UnderTest>(std::move(object));
}

}  // namespace cistern::store_rig
