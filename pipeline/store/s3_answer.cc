#include "pipeline/store/s3_answer.h"

#include <algorithm>

namespace cistern {
namespace {

constexpr size_t kMostDocument = 64 * 1024;
constexpr size_t kMostField = 300;

std::string printable(std::string_view text) {
  std::string out;
  for (char c : text.substr(0, kMostField)) out += c >= ' ' && c < 0x7f ? c : '?';
  return out;
}

std::string without_entities(std::string_view text) {
  static constexpr std::pair<std::string_view, char> kEntities[] = {
      {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&#39;", '\''}};
  std::string out;
  while (!text.empty()) {
    const auto entity = std::find_if(std::begin(kEntities), std::end(kEntities),
                                     [&](const auto& one) { return text.starts_with(one.first); });
    const bool found = entity != std::end(kEntities);
    out += found ? entity->second : text.front();
    text.remove_prefix(found ? entity->first.size() : 1);
  }
  return out;
}

// What stands inside <Error ...> ... </Error>, the document's root; empty: it is no error document.
std::string_view error_document(std::string_view body) {
  body = body.substr(0, kMostDocument);
  const size_t text = body.find_first_not_of(" \t\r\n");
  if (text == std::string_view::npos) return {};
  body.remove_prefix(text);
  if (body.starts_with("<?xml")) {
    const size_t end = body.find("?>");
    if (end == std::string_view::npos) return {};
    body.remove_prefix(end + 2);
    body.remove_prefix(std::min(body.find_first_not_of(" \t\r\n"), body.size()));
  }
  if (!body.starts_with("<Error>") && !body.starts_with("<Error ")) return {};
  body.remove_prefix(std::min(body.find('>') + 1, body.size()));
  return body.substr(0, body.find("</Error>"));
}

// The text of a child element that has no children of its own.
std::string child(std::string_view document, const std::string& name) {
  const std::string open = "<" + name + ">", close = "</" + name + ">";
  const size_t begin = document.find(open);
  if (begin == std::string_view::npos) return {};
  document.remove_prefix(begin + open.size());
  const size_t end = document.find('<');
  if (end == std::string_view::npos || !document.substr(end).starts_with(close)) return {};
  return printable(without_entities(document.substr(0, end)));
}

// A region goes into host names and signatures: anything that does not look like one is no region.
std::string region_name(std::string text) {
  const bool fits = text.size() <= 40 && std::all_of(text.begin(), text.end(), [](char c) {
                      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                    });
  return fits ? text : std::string();
}

}  // namespace

S3Answer read_s3_answer(const HttpResponse& response) {
  S3Answer answer;
  answer.status = response.status;
  const std::string_view document = error_document(response.body);
  answer.code = child(document, "Code");
  answer.message = child(document, "Message");
  answer.region = region_name(std::string(find_header(response.headers, "x-amz-bucket-region")));
  if (answer.region.empty()) answer.region = region_name(child(document, "Region"));
  answer.request_id = printable(find_header(response.headers, "x-amz-request-id"));
  if (answer.request_id.empty()) answer.request_id = child(document, "RequestId");
  answer.host_id = printable(find_header(response.headers, "x-amz-id-2"));
  if (answer.host_id.empty()) answer.host_id = child(document, "HostId");
  return answer;
}

}  // namespace cistern
