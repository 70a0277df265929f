// TLS as peers see it: versions, renegotiation, resumption, and a certificate that changes under way.
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "tests/conformance/http_fixture.h"

namespace cistern::test {
namespace {

std::string peer_name(RawClient& client) {
  X509* certificate = SSL_get1_peer_certificate(client.ssl());
  if (certificate == nullptr) return {};
  char name[64] = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
  X509_free(certificate);
  return name;
}

bool serves(RawClient& client) {
  client.send(RequestText().text());
  auto reply = client.receive();
  return reply && reply->body == accepted();
}

TEST(HttpTls, OldVersionsAreRefused) {
  Edge edge(over_tls());
  EXPECT_FALSE(RawClient(edge.port(), true, TLS1_VERSION).handshake_ok());
  EXPECT_FALSE(RawClient(edge.port(), true, TLS1_1_VERSION).handshake_ok());
  RawClient tls12(edge.port(), true, TLS1_2_VERSION);
  EXPECT_TRUE(serves(tls12));
  EXPECT_STREQ(SSL_get_version(tls12.ssl()), "TLSv1.2");
  RawClient newest(edge.port(), true);
  EXPECT_TRUE(serves(newest));
  EXPECT_STREQ(SSL_get_version(newest.ssl()), "TLSv1.3");
}

TEST(HttpTls, RenegotiationIsRefused) {
  Edge edge(over_tls());
  RawClient client(edge.port(), true, TLS1_2_VERSION);
  ASSERT_TRUE(serves(client));
  ASSERT_EQ(SSL_renegotiate(client.ssl()), 1);
  EXPECT_NE(SSL_do_handshake(client.ssl()), 1);
  RawClient other(edge.port(), true);
  EXPECT_TRUE(serves(other));
}

TEST(HttpTls, TicketsResumeSessions) {
  Edge edge(over_tls());
  RawClient first(edge.port(), true, TLS1_2_VERSION);
  ASSERT_TRUE(serves(first));
  SSL_SESSION* session = SSL_get1_session(first.ssl());
  EXPECT_TRUE(SSL_SESSION_has_ticket(session));
  EXPECT_EQ(SSL_get_current_compression(first.ssl()), nullptr);
  SSL_SESSION_free(session);
}

TEST(HttpTls, PlainBytesOnATlsPortAreClosed) {
  Edge edge(over_tls());
  RawClient plain(edge.port(), false);
  plain.send(RequestText().text());
  auto reply = plain.receive();
  EXPECT_FALSE(reply && reply->status == 200);
  RawClient client(edge.port(), true);
  EXPECT_TRUE(serves(client));
}

TEST(HttpTls, NewCertificateServesNewConnectionsAndKeepsTheOldOnes) {
  Edge edge(over_tls());
  RawClient before(edge.port(), true);
  ASSERT_TRUE(serves(before));
  EXPECT_EQ(peer_name(before), "first");
  EXPECT_FALSE(edge.tls->reload_if_changed()) << "nothing changed";
  edge.certificate->replace("second");
  EXPECT_TRUE(edge.tls->reload_if_changed());
  RawClient after(edge.port(), true);
  EXPECT_TRUE(serves(after));
  EXPECT_EQ(peer_name(after), "second");
  EXPECT_TRUE(serves(before)) << "the reload dropped a live connection";
}

TEST(HttpTls, BadNewFileIsRefusedAndTheOldCertificateStays) {
  Edge edge(over_tls());
  CertificateFiles other("other");
  std::ofstream(edge.certificate->config().private_key) << std::ifstream(other.config().private_key).rdbuf();
  EXPECT_FALSE(edge.tls->reload_if_changed());
  auto mismatch = edge.tls->reload();
  ASSERT_FALSE(mismatch);
  EXPECT_NE(mismatch.error().what.find(edge.certificate->config().private_key), std::string::npos);
  std::ofstream(edge.certificate->config().certificate) << "no certificate";
  EXPECT_FALSE(edge.tls->reload_if_changed());
  RawClient client(edge.port(), true);
  EXPECT_TRUE(serves(client));
  EXPECT_EQ(peer_name(client), "first");
}

}  // namespace
}  // namespace cistern::test
