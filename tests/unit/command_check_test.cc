// `cistern check` over a real folder, real ports and certificates made here.
#include "server/command_check.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/exit_codes.h"
#include "tests/temporary_folder.h"

namespace cistern {
namespace {

constexpr int64_t kCheckedMs = 1'800'000'000'000;  // 2027-01-15T08:00:00Z

using Key = std::shared_ptr<EVP_PKEY>;

Key make_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }

struct Pem {
  std::string text;
  explicit Pem(const std::function<void(BIO*)>& write) {
    BIO* bio = BIO_new(BIO_s_mem());
    write(bio);
    char* bytes = nullptr;
    auto size = BIO_get_mem_data(bio, &bytes);
    text.assign(bytes, static_cast<size_t>(size));
    BIO_free(bio);
  }
};

std::string certificate_of(const Key& key, int64_t from_ms, int64_t until_ms) {
  std::unique_ptr<X509, decltype(&X509_free)> x509(X509_new(), X509_free);
  ASN1_TIME_set(X509_getm_notBefore(x509.get()), from_ms / 1000);
  ASN1_TIME_set(X509_getm_notAfter(x509.get()), until_ms / 1000);
  X509_set_version(x509.get(), 2);
  X509_set_pubkey(x509.get(), key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(x509.get(), X509_get_subject_name(x509.get()));
  X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:cistern.test");
  X509_add_ext(x509.get(), names, -1);
  X509_EXTENSION_free(names);
  X509_sign(x509.get(), key.get(), EVP_sha256());
  return Pem([&](BIO* out) { PEM_write_bio_X509(out, x509.get()); }).text;
}

std::string pem_of(const Key& key, const char* passphrase = nullptr) {
  auto* cipher = passphrase == nullptr ? nullptr : EVP_aes_128_cbc();
  return Pem([&](BIO* out) {
           PEM_write_bio_PrivateKey(out, key.get(), cipher, nullptr, 0, nullptr,
                                    const_cast<char*>(passphrase));
         })
      .text;
}

class CommandCheck : public testing::Test {
 protected:
  CommandCheck() {
    key_ = make_key();
    Config& c = loaded_.config;
    c.tls.certificate = write("cert.pem", certificate_of(key_, kCheckedMs - kDay, kCheckedMs + 90 * kDay));
    c.tls.private_key = write("key.pem", pem_of(key_));
    ::chmod(c.tls.private_key.c_str(), 0600);
    c.access_keys = {{"firehose", "hunter2", ""}};
    c.journal.path = folder_ + "/journal";
    c.journal.max_bytes = MiB;
    c.journal.min_free_bytes = 0;
    c.journal.segment_bytes = MiB;
    c.server.listen = c.metrics_listen.emplace(Endpoint{"127.0.0.1", 0});
  }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + "/" + name, std::ios::binary) << text;
    return folder_ + "/" + name;
  }
  int run() {
    std::ostringstream out;
    int code = run_check(loaded_, {*disk_, kCheckedMs, store_, credentials_}, out);
    out_ = out.str();
    return code;
  }
  // The command fails, and says why.
  void expect_failure(const std::string& line) {
    EXPECT_EQ(run(), kExitFailed);
    EXPECT_NE(out_.find("FAILED  " + line), std::string::npos) << out_;
  }

  const TemporaryFolder temporary_;
  const std::string folder_ = temporary_.path();
  std::unique_ptr<Disk> disk_ = make_posix_disk();
  std::function<Result<std::string>()> store_ = []() -> Result<std::string> {
    return std::string("it is there");
  };
  std::function<Result<std::string>()> credentials_;  // none: the store needs no such thing
  LoadedConfig loaded_{{}, "test.yaml"};
  Key key_;
  std::string out_;
};

TEST_F(CommandCheck, AGoodConfigurationIsShownAndTried) {
  EXPECT_EQ(run(), kExitOk) << out_;
  EXPECT_EQ(out_.rfind("# From test.yaml\nlisten: ", 0), 0u) << out_;
  EXPECT_NE(
      out_.find("\nok      tls: certificate and private key match, valid until 2027-04-15T08:00:00Z for "
                "DNS:cistern.test\n"),
      std::string::npos)
      << out_;
  EXPECT_NE(out_.find("\nok      access keys: can be read: firehose\n"), std::string::npos) << out_;
  EXPECT_NE(out_.find("\nok      journal: " + folder_ + "/journal will be made\n"), std::string::npos)
      << out_;
  EXPECT_NE(out_.find("\nok      store: it is there\n"), std::string::npos) << out_;
  EXPECT_NE(out_.find("\nok      listen: 127.0.0.1:0 is free\n"), std::string::npos) << out_;
  EXPECT_EQ(out_.find("hunter2"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(loaded_.config.journal.path));
}

TEST_F(CommandCheck, NothingIsLeftInTheJournal) {
  std::filesystem::create_directories(loaded_.config.journal.path);
  EXPECT_EQ(run(), kExitOk) << out_;
  EXPECT_TRUE(std::filesystem::is_empty(loaded_.config.journal.path));
}

TEST_F(CommandCheck, AKeyOfAnotherCertificate) {
  write("key.pem", pem_of(make_key()));
  expect_failure("tls: private key '" + folder_ + "/key.pem' ");
}

TEST_F(CommandCheck, AnEncryptedKeyIsNotAskedAbout) {
  write("key.pem", pem_of(key_, "secret"));
  expect_failure("tls: private key '" + folder_ + "/key.pem' is not a plain PEM key");
}

TEST_F(CommandCheck, FilesThatAreNotPem) {
  write("key.pem", "nothing");
  expect_failure("tls: private key '" + folder_ + "/key.pem' ");
  write("cert.pem", "nothing");
  expect_failure("tls: certificate '" + folder_ + "/cert.pem' is not a PEM certificate");
  std::filesystem::remove(folder_ + "/cert.pem");
  expect_failure("tls: cannot read '" + folder_ + "/cert.pem': No such file");
}

TEST_F(CommandCheck, CertificatesOutOfTheirTime) {
  write("cert.pem", certificate_of(key_, kCheckedMs - 9 * kDay, kCheckedMs - kDay));
  expect_failure("tls: the certificate has expired: valid until 2027-01-14T08:00:00Z\n");
  write("cert.pem", certificate_of(key_, kCheckedMs + kDay, kCheckedMs + 9 * kDay));
  expect_failure("tls: the certificate is not valid before 2027-01-16T08:00:00Z\n");
  write("cert.pem", certificate_of(key_, kCheckedMs - kDay, kCheckedMs + 9 * kDay));
  EXPECT_EQ(run(), kExitOk);
  EXPECT_NE(out_.find("note    tls: the certificate expires in less than 14 days\n"), std::string::npos)
      << out_;
}

TEST_F(CommandCheck, PlainHttpAndAnOpenKeyFileAreNoted) {
  ::chmod(loaded_.config.tls.private_key.c_str(), 0644);
  EXPECT_EQ(run(), kExitOk);
  EXPECT_NE(out_.find("note    tls: " + folder_ + "/key.pem can be read or written by every user"),
            std::string::npos);
  loaded_.config.tls = {true, "", ""};
  EXPECT_EQ(run(), kExitOk);
  EXPECT_NE(out_.find("note    tls: off: "), std::string::npos);
}

TEST_F(CommandCheck, AccessKeyFiles) {
  loaded_.config.access_keys = {{"a", "", folder_ + "/none"}};
  expect_failure("access keys: ");
  loaded_.config.access_keys = {{"a", "", write("empty", "")}};
  expect_failure("access keys: ");
  loaded_.config.access_keys = {{"a", "", write("full", "hunter2")}};
  EXPECT_EQ(run(), kExitOk) << out_;
  loaded_.config.access_keys.clear();
  loaded_.config.access_keys_none = true;
  EXPECT_EQ(run(), kExitOk) << out_;
  EXPECT_NE(out_.find("note    access keys: none"), std::string::npos) << out_;
}

TEST_F(CommandCheck, AJournalInUse) {
  std::filesystem::create_directories(loaded_.config.journal.path);
  auto held = disk_->lock(loaded_.config.journal.path + "/lock");
  ASSERT_TRUE(held);
  expect_failure("journal: ");
  held.value().reset();
  EXPECT_EQ(run(), kExitOk) << out_;
}

TEST_F(CommandCheck, AJournalThatCannotBe) {
  loaded_.config.journal.path = write("file", "") + "/journal";
  expect_failure("journal: ");
  loaded_.config.journal.path = "/proc/self/journal";  // also root cannot
  EXPECT_EQ(run(), kExitFailed) << out_;
}

TEST_F(CommandCheck, TooLittleSpace) {
  loaded_.config.journal.min_free_bytes = 1ull << 62;
  expect_failure("journal: ");
  loaded_.config.journal.min_free_bytes = 0;
  loaded_.config.journal.max_bytes = 1ull << 62;
  EXPECT_EQ(run(), kExitOk);
  EXPECT_NE(out_.find("note    journal: less space is free ("), std::string::npos) << out_;
}

TEST_F(CommandCheck, AStoreOutOfReach) {
  store_ = []() -> Result<std::string> { return fatal("no such bucket"); };
  expect_failure("store: no such bucket\n");
}

TEST_F(CommandCheck, WhatAStorageClassCostsIsNoted) {
  loaded_.config.store.type = "s3";
  loaded_.config.store.object.storage_class = "DEEP_ARCHIVE";
  EXPECT_EQ(run(), kExitOk) << out_;
  EXPECT_NE(out_.find("note    store: DEEP_ARCHIVE bills at least 180 days"), std::string::npos) << out_;
}

TEST_F(CommandCheck, CredentialsOfTheStore) {
  EXPECT_EQ(run(), kExitOk);
  EXPECT_EQ(out_.find("credentials: "), std::string::npos) << out_;
  credentials_ = []() -> Result<std::string> { return std::string("from the environment"); };
  EXPECT_EQ(run(), kExitOk);
  EXPECT_NE(out_.find("ok      credentials: from the environment\n"), std::string::npos) << out_;
  credentials_ = []() -> Result<std::string> { return fatal("there are none"); };
  expect_failure("credentials: there are none\n");
}

TEST_F(CommandCheck, APortInUse) {
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), length), 0);
  ASSERT_EQ(::listen(fd, 1), 0);
  ASSERT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length), 0);
  loaded_.config.server.listen.port = ntohs(address.sin_port);
  expect_failure("listen: " + print_endpoint(loaded_.config.server.listen) + ": Address already in use\n");
  ::close(fd);
  EXPECT_EQ(run(), kExitOk) << out_;
}

}  // namespace
}  // namespace cistern
