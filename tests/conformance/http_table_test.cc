// Requests and their exact replies: one row each, over plain HTTP and over TLS. Rows that stand for a known
// trap of other receivers name it in their test's name (TrapNN, as the protocol notes number them).
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/conformance/http_fixture.h"

namespace cistern::test {
namespace {

struct Row {
  std::string name;
  std::string request;
  int status;
  std::string body;
  bool closes = false;
  bool gets_through = false;  // the pipeline saw the delivery
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

RequestText with_body(std::string body) {
  RequestText request;
  request.body = std::move(body);
  return request;
}
RequestText with_line(std::string line) {
  RequestText request;
  request.line = std::move(line);
  return request;
}
// A head as it is, no Content-Length added.
std::string raw(std::string fields, std::string body = {}) {
  return "POST /firehose HTTP/1.1\r\nHost: h\r\nX-Amz-Firehose-Request-Id: id-1\r\n" + fields + "\r\n" + body;
}
std::string chunked(const std::string& chunks) {
  RequestText request = delivery().add("Transfer-Encoding", "chunked");
  request.with_length = false;
  request.body = chunks;
  return request.text();
}

const std::string kKeyMissing =
    "The header X-Amz-Firehose-Access-Key is missing or came twice. Set the access key of this endpoint in "
    "the "
    "Firehose destination.";
const std::string kKeyWrong =
    "The access key is not one of this endpoint's. Set one of the configured keys in the Firehose "
    "destination.";
const std::string kVersion =
    "X-Amz-Firehose-Protocol-Version is not 1.0, the only version that this endpoint speaks.";
const std::string kId = "The header X-Amz-Firehose-Request-Id is missing or came twice.";
const std::string kMethod = "Deliveries are sent with POST. For health checks use GET /livez.";
const std::string kPath =
    "Nothing is served at this path. Set the endpoint's URL in Firehose to one of the configured paths, by "
    "default "
    "/firehose.";
const std::string kEncoding =
    "Content-Encoding is neither gzip nor absent. Set GZIP or disabled in Firehose.";
const std::string kBothLengths = "Content-Length and Transfer-Encoding exclude each other. Send one of them.";
const std::string kNotJson = "The body is not the JSON document of a Firehose delivery: ";
const std::string kCheckBetween = ". Check what stands between Firehose and this endpoint.";
const std::string kHeaderLine = "A header line is not 'Name: value', without blanks before the colon.";
const std::string kAttributes = "The header X-Amz-Firehose-Common-Attributes ";

std::vector<Row> accepted_rows() {
  std::string doc = document("id-1");
  char size[8];
  std::snprintf(size, sizeof size, "%zx", doc.size());
  return {
      {"Trap01_AcceptedHasExactlyTwoMembers", delivery().text(), 200, accepted(), false, true},
      {"RootPath", with_line("POST / HTTP/1.1").text(), 200, accepted(), false, true},
      {"QueryIsIgnored", with_line("POST /firehose?a=b HTTP/1.1").text(), 200, accepted(), false, true},
      {"AbsoluteTarget", with_line("POST https://h:8443/firehose HTTP/1.1").text(), 200, accepted(), false,
       true},
      {"BlankLineBefore", "\r\n" + delivery().text(), 200, accepted(), false, true},
      {"Http10Closes", with_line("POST /firehose HTTP/1.0").text(), 200, accepted(), true, true},
      {"ConnectionClose", delivery().add("Connection", "close").text(), 200, accepted(), true, true},
      {"Trap11_OldKey", delivery().set("X-Amz-Firehose-Access-Key", "secret-old").text(), 200, accepted(),
       false, true},
      {"Trap11_NewKey", delivery().set("X-Amz-Firehose-Access-Key", "secret-new").text(), 200, accepted(),
       false, true},
      {"NamesWithoutCase",
       delivery().drop("X-Amz-Firehose-Access-Key").add("x-amz-firehose-access-key", "secret-old").text(),
       200, accepted(), false, true},
      {"OtherContentType", delivery().set("Content-Type", "text/plain").text(), 200, accepted(), false, true},
      {"IdentityEncoding", delivery().add("Content-Encoding", "identity").text(), 200, accepted(), false,
       true},
      {"Gzip", with_body(gzip(doc)).add("Content-Encoding", "gzip").text(), 200, accepted(), false, true},
      {"GzipTwoMembers",
       with_body(gzip(doc.substr(0, 20)) + gzip(doc.substr(20))).add("Content-Encoding", "gzip").text(), 200,
       accepted(), false, true},
      {"Chunked", chunked(std::string(size) + "\r\n" + doc + "\r\n0\r\n\r\n"), 200, accepted(), false, true},
      {"ChunkedWithExtensionAndTrailer",
       chunked(std::string(size) + ";a=b\r\n" + doc + "\r\n0\r\nX-Trailer: 1\r\n\r\n"), 200, accepted(),
       false, true},
      {"UnknownMembersPass",
       with_body(R"({"x":{"y":[[{}]]},"requestId":"id-1","z":null,"records":[{"data":"","k":1}]})").text(),
       200, accepted(), false, true},
      {"DeepNestingInUnknownMember",
       with_body(R"({"requestId":"id-1","x":)" + std::string(5000, '[') + std::string(5000, ']') +
                 R"(,"records":[]})")
           .text(),
       200, accepted(), false, true},
      {"HugeNumberInUnknownMember", with_body(R"({"requestId":"id-1","x":1e99999,"records":[]})").text(), 200,
       accepted(), false, true},
      {"NoTimestamp", with_body(R"({"requestId":"id-1","records":[]})").text(), 200, accepted(), false, true},
      {"EmptyRecord", with_body(document("id-1", R"([{"data":""}])")).text(), 200, accepted(), false, true},
      {"CommonAttributes",
       delivery().add("X-Amz-Firehose-Common-Attributes", R"({"commonAttributes":{"a":"b"}})").text(), 200,
       accepted(), false, true},
      {"CommonAttributesInLatin1",
       delivery().add("X-Amz-Firehose-Common-Attributes", "{\"commonAttributes\":{\"a\":\"\xE9\"}}").text(),
       200, accepted(), false, true},
      {"Trap09_LargestLegalHead",
       delivery()
           .add("X-Amz-Firehose-Common-Attributes",
                [] {
                  std::string json = R"({"commonAttributes":{)";
                  for (int i = 0; i < 50; ++i)
                    json += (i ? ",\"" : "\"") + std::to_string(100 + i) + std::string(253, 'n') + "\":\"" +
                            std::string(1024, 'v') + '"';
                  return json + "}}";
                }())
           .text(),
       200, accepted(), false, true},
      {"Trap09_HeadOf200KiB", delivery().add("X-Other", std::string(200 << 10, 'x')).text(), 200, accepted(),
       false, true},
  };
}

std::vector<Row> head_rows() {
  auto key = [](const std::string& value) {
    return delivery().set("X-Amz-Firehose-Access-Key", value).text();
  };
  return {
      {"Trap03_UnknownPathEchoesId", with_line("POST /nowhere HTTP/1.1").text(), 404, refused(kPath), true},
      {"Trap05_GetOnDeliveryPath", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", 405, refused(kMethod, "")},
      {"Trap05_GetWithForwardedHeaders",
       "GET /firehose HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Proto: https\r\n\r\n",
       405, refused(kMethod, "")},
      {"Trap03_PutEchoesId", with_line("PUT /firehose HTTP/1.1").text(), 405, refused(kMethod), true},
      {"Trap05_Livez", "GET /livez HTTP/1.1\r\nHost: h\r\n\r\n", 200, R"({"live":true})"},
      {"Trap05_Readyz", "GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n", 200, R"({"ready":true})"},
      {"PostOnLivez", with_line("POST /livez HTTP/1.1").text(), 405, refused("Use GET or HEAD here."), true},
      {"Trap10_MissingKey", delivery().drop("X-Amz-Firehose-Access-Key").text(), 401, refused(kKeyMissing),
       true},
      {"Trap10_EmptyKey", key(""), 401, refused(kKeyMissing), true},
      {"Trap10_KeySentTwice", delivery().add("X-Amz-Firehose-Access-Key", "secret-old").text(), 401,
       refused(kKeyMissing), true},
      {"WrongKey", key("secret"), 401, refused(kKeyWrong), true},
      {"KeyWithOtherCase", key("Secret-old"), 401, refused(kKeyWrong), true},
      {"KeyWithTail", key("secret-old2"), 401, refused(kKeyWrong), true},
      {"KeyBeforeVersion",
       delivery().drop("X-Amz-Firehose-Access-Key").drop("X-Amz-Firehose-Protocol-Version").text(), 401,
       refused(kKeyMissing), true},
      {"UnknownVersion", delivery().set("X-Amz-Firehose-Protocol-Version", "2.0").text(), 400,
       refused(kVersion), true},
      {"Trap03_MissingVersionEchoesId", delivery().drop("X-Amz-Firehose-Protocol-Version").text(), 400,
       refused(kVersion), true},
      {"Trap03_MissingId", delivery().drop("X-Amz-Firehose-Request-Id").text(), 400, refused(kId, ""), true},
      {"IdSentTwice", delivery().add("X-Amz-Firehose-Request-Id", "id-2").text(), 400, refused(kId, ""),
       true},
      {"IdIsEscapedInJson",
       delivery()
           .set("X-Amz-Firehose-Request-Id", "a\"b\\c")
           .set("X-Amz-Firehose-Protocol-Version", "9")
           .text(),
       400, refused(kVersion, R"(a\"b\\c)"), true},
      {"IdNotPrintable", delivery().set("X-Amz-Firehose-Request-Id", "a\x01\xC3\xA9").text(), 400,
       refused("X-Amz-Firehose-Request-Id is longer than 256 characters or not printable ASCII.", "a???"),
       true},
      {"IdTooLong", delivery().set("X-Amz-Firehose-Request-Id", std::string(300, 'i')).text(), 400,
       refused("X-Amz-Firehose-Request-Id is longer than 256 characters or not printable ASCII.",
               std::string(256, 'i')),
       true},
      {"UnknownEncoding", delivery().add("Content-Encoding", "br").text(), 400, refused(kEncoding), true},
      {"TwoEncodings", delivery().add("Content-Encoding", "gzip, gzip").text(), 400, refused(kEncoding),
       true},
      {"AttributesNotJson", delivery().add("X-Amz-Firehose-Common-Attributes", "{\"a").text(), 400,
       refused(kAttributes + "is not a JSON object. Set the attributes in the Firehose destination."), true},
      {"AttributesWithoutMember", delivery().add("X-Amz-Firehose-Common-Attributes", "{}").text(), 400,
       refused(kAttributes + "has no object 'commonAttributes'."), true},
      {"AttributeNotString",
       delivery().add("X-Amz-Firehose-Common-Attributes", R"({"commonAttributes":{"a":1}})").text(), 400,
       refused(kAttributes + "has an attribute that is not a string."), true},
      {"AttributesDeeplyNested",
       delivery().add("X-Amz-Firehose-Common-Attributes", std::string(100'000, '[')).text(), 400,
       refused(kAttributes + "is not a JSON object. Set the attributes in the Firehose destination."), true},
  };
}

// Shapes that a proxy in front may read differently: refused, and the connection ends.
std::vector<Row> framing_rows() {
  auto bad = [](std::string name, std::string request, const std::string& why,
                const std::string& id = "id-1") {
    return Row{std::move(name), std::move(request), 400, refused(why, id), true};
  };
  const std::string chunked_line = "Transfer-Encoding: chunked\r\n";
  const std::string coding = "Transfer-Encoding may only be 'chunked', once, in HTTP/1.1.";
  const std::string number = "Content-Length is not one decimal number.";
  return {
      bad("TwoLengths", raw("Content-Length: 5\r\nContent-Length: 6\r\n", "hello"),
          "Content-Length came twice. Send it once."),
      bad("SameLengthTwice", raw("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"),
          "Content-Length came twice. Send it once."),
      bad("LengthAndChunked", raw("Content-Length: 5\r\n" + chunked_line, "0\r\n\r\n"), kBothLengths),
      bad("ChunkedAndLength", raw(chunked_line + "Content-Length: 5\r\n", "0\r\n\r\n"), kBothLengths),
      bad("LengthList", raw("Content-Length: 5, 5\r\n", "hello"), number),
      bad("LengthWithPlus", raw("Content-Length: +5\r\n", "hello"), number),
      bad("LengthNegative", raw("Content-Length: -5\r\n"), number),
      bad("LengthHex", raw("Content-Length: 0x5\r\n", "hello"), number),
      bad("LengthEmpty", raw("Content-Length:\r\n"), number),
      bad("LengthOverflows", raw("Content-Length: 18446744073709551616\r\n"), number),
      bad("ChunkedTwice", raw(chunked_line + chunked_line), coding),
      bad("GzipThenChunked", raw("Transfer-Encoding: gzip, chunked\r\n"), coding),
      bad("ObscuredChunked", raw("Transfer-Encoding: xchunked\r\n"), coding),
      bad("BlankBeforeColon", raw("Content-Length : 5\r\n", "hello"), kHeaderLine),
      bad("ChunkedBlankBeforeColon", raw("Transfer-Encoding : chunked\r\n"), kHeaderLine),
      bad("NoColon", raw("Content-Length 5\r\n"), kHeaderLine),
      bad("EmptyName", raw(": 5\r\n"), kHeaderLine),
      bad("ObsFold", raw("X-A: b\r\n c\r\n"),
          "A header field goes on over a second line (obs-fold). Send each field on one line."),
      bad("BareCr", raw("X-A: b\rContent-Length: 5\r\n"), "The head holds a CR without LF."),
      bad("BareLf", raw("X-A: b\nContent-Length: 5\r\n"),
          "A header line ends in LF alone. End lines with CR LF."),
      bad("Nul", raw(std::string("X-A: b\0c\r\n", 10)), "The head holds a NUL byte."),
      bad("NoHost", "POST / HTTP/1.1\r\nX-Amz-Firehose-Request-Id: id-1\r\n\r\n",
          "A request needs the Host header exactly once."),
      bad("TwoHosts", raw("Host: other\r\n"), "A request needs the Host header exactly once."),
      bad("Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
          "This HTTP version is not served. Send HTTP/1.1.", ""),
      bad("NoVersion", "GET /\r\n\r\n", "The request line is not 'METHOD target HTTP/1.1'. Send HTTP/1.1.",
          ""),
      bad("BlankInTarget", "POST /a b HTTP/1.1\r\nHost: h\r\nX-Amz-Firehose-Request-Id: id-1\r\n\r\n",
          "The request line's method or target holds characters that are not allowed there."),
      bad("ChunkSizeNotHex", chunked("zz\r\n"), "The chunked body is broken: bad chunk."),
      bad("ChunkSizeOverflows", chunked("fffffffffffffffff\r\n"), "The chunked body is broken: bad chunk."),
      bad("ChunkTooLong", chunked("2\r\nabcdef\r\n0\r\n\r\n"), "The chunked body is broken: bad chunk."),
  };
}

std::vector<Row> body_rows() {
  auto bad = [](std::string name, std::string body, const std::string& why) {
    return Row{std::move(name), with_body(std::move(body)).text(), 400, refused(why)};
  };
  auto twice = [](const std::string& member) {
    return "The member '" + member + "' came twice in one object. Send it once.";
  };
  return {
      bad("EmptyBody", "",
          R"(The body is empty. Send a Firehose delivery: {\"requestId\",\"timestamp\",\"records\"}.)"),
      bad("Trap03_IdsDiffer", document("id-2"),
          "The body's requestId differs from the header X-Amz-Firehose-Request-Id. Send the same."),
      bad("NoBodyId", R"({"records":[]})",
          "The body has no requestId. Send the one of X-Amz-Firehose-Request-Id."),
      bad("BodyIdNotString", R"({"requestId":1,"records":[]})", "The body's requestId is not a string."),
      bad("NoRecords", R"({"requestId":"id-1"})", "The body has no records."),
      bad("RecordsNotArray", document("id-1", R"({"data":""})"), "The body's records are not an array."),
      bad("RecordNotObject", document("id-1", R"([{"data":""},"aGk="])"), "Record 1 is not an object."),
      bad("RecordWithoutData", document("id-1", R"([{"dato":""}])"),
          "Record 0 has no data. Send it as a base64 string."),
      bad("DataNotString", document("id-1", R"([{"data":{"messageType":"DATA_MESSAGE"}}])"),
          "The data of record 0 is not base64: it is not a string."),
      bad("DataNull", document("id-1", R"([{"data":null}])"),
          "The data of record 0 is not base64: it is not a string."),
      bad("DataWithForeignEscape", document("id-1", R"([{"data":"aGk\n="}])"),
          "The data of record 0 is not base64: it holds an escape that stands for no base64 character."),
      bad("TimestampString", R"({"requestId":"id-1","timestamp":"1","records":[]})",
          "The body's timestamp is not a whole number of milliseconds."),
      bad("TimestampHuge", R"({"requestId":"id-1","timestamp":1e999,"records":[]})",
          "The body's timestamp is not a whole number of milliseconds."),
      bad("TimestampTooManyDigits", R"({"requestId":"id-1","timestamp":99999999999999999999,"records":[]})",
          "The body's timestamp is not a whole number of milliseconds."),
      bad("DuplicateId", R"({"requestId":"id-1","requestId":"id-1","records":[]})", twice("requestId")),
      bad("DuplicateRecords", R"({"requestId":"id-1","records":[],"records":[]})", twice("records")),
      bad("DuplicateIdEscaped", R"({"requestId":"id-1","request\u0049d":"id-2","records":[]})",
          twice("requestId")),
      bad("DuplicateData", document("id-1", R"([{"data":"","data":""}])"), twice("data")),
      bad("TwoDocuments", document("id-1") + document("id-1"), "The body goes on after its JSON document."),
      bad("Truncated", document("id-1").substr(0, 40),
          kNotJson + "JSON document ended early in the middle of an object or array" + kCheckBetween),
      bad("UnclosedObject", R"({"requestId":"id-1","records":[])",
          kNotJson + "JSON document ended early in the middle of an object or array" + kCheckBetween),
      bad("InvalidUtf8",
          R"({"requestId":"id-1","x":")"
          "\xC3\x28"
          R"(","records":[]})",
          kNotJson + "The input is not valid UTF-8" + kCheckBetween),
      bad("NulByte", R"({"requestId":"id-1","x":")" + std::string(1, '\0') + R"(","records":[]})",
          kNotJson + "Within strings, some characters must be escaped, we found unescaped characters" +
              kCheckBetween),
      bad("NulAfterDocument", document("id-1") + std::string(1, '\0'),
          kNotJson + "JSON document ended early in the middle of an object or array" + kCheckBetween),
      bad("OnlyBlanks", "  \n", kNotJson + "Empty: no JSON found" + kCheckBetween),
      bad("DeepNestingUnclosed", R"({"requestId":"id-1","x":)" + std::string(200'000, '['),
          kNotJson + "JSON document ended early in the middle of an object or array" + kCheckBetween),
      bad("GarbageBetweenMembers", R"({"requestId":"id-1" 5 "records":[]})",
          kNotJson +
              "The JSON document has an improper structure: missing or superfluous commas, braces, missing "
              "keys, etc" +
              kCheckBetween),
      bad("NotAnObject", "[]",
          kNotJson + "The JSON element does not have the requested type" + kCheckBetween),
  };
}

std::vector<Row> all_rows() {
  std::vector<Row> rows;
  for (auto& part : {accepted_rows(), head_rows(), framing_rows(), body_rows()})
    rows.insert(rows.end(), part.begin(), part.end());
  return rows;
}

void check(Edge& edge, const Row& row, bool tls) {
  SCOPED_TRACE(row.name);
  size_t before = edge.intake.seen().size();
  RawClient client(edge.port(), tls);
  client.send(row.request);
  auto reply = client.receive();
  ASSERT_TRUE(reply) << "no reply";
  EXPECT_EQ(reply->status, row.status);
  EXPECT_EQ(reply->body, row.body);
  EXPECT_TRUE(reply->has("\r\nContent-Type: application/json\r\n")) << reply->head;
  EXPECT_FALSE(reply->has("Content-Encoding")) << reply->head;
  EXPECT_FALSE(reply->has("Transfer-Encoding")) << reply->head;
  EXPECT_EQ(reply->has("\r\nConnection: close\r\n"), row.closes) << reply->head;
  EXPECT_EQ(edge.intake.seen().size() - before, row.gets_through ? 1 : 0);
  if (row.closes) {
    EXPECT_TRUE(client.at_end()) << "not closed, or reset";
    return;
  }
  client.send("GET /livez HTTP/1.1\r\nHost: h\r\n\r\n");
  auto next = client.receive();
  ASSERT_TRUE(next) << "the connection did not stay usable";
  EXPECT_EQ(next->body, R"({"live":true})");
}

class HttpTable : public testing::TestWithParam<Row> {};

TEST_P(HttpTable, PlainReplyIsExact) {
  Edge edge;
  check(edge, GetParam(), false);
}

INSTANTIATE_TEST_SUITE_P(Rows, HttpTable, testing::ValuesIn(all_rows()),
                         [](const auto& each) { return each.param.name; });

TEST(HttpTableOverTls, EveryReplyIsExact) {
  Edge edge(over_tls());
  for (const Row& row : all_rows()) check(edge, row, true);
}

}  // namespace
}  // namespace cistern::test
