#include "pipeline/store/s3_answer.h"

#include <algorithm>

#include "pipeline/ascii.h"
#include "pipeline/store/xml_text.h"

namespace cistern {
namespace {

constexpr size_t kMostField = 300;

// What stands inside <Error ...> ... </Error>, the document's root; empty: it is no error document.
std::string_view error_document(std::string_view body) {
  body = body.substr(0, kMostXmlBytes);
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

std::string child(std::string_view document, std::string_view name) {
  return printable(xml_text(document, name), kMostField);
}

// A region goes into host names and signatures: anything that does not look like one is no region.
std::string region_name(std::string text) {
  const bool fits = text.size() <= 40 && std::all_of(text.begin(), text.end(), [](char c) {
                      return is_lower(c) || is_digit(c) || c == '-';
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
  answer.request_id = printable(find_header(response.headers, "x-amz-request-id"), kMostField);
  if (answer.request_id.empty()) answer.request_id = child(document, "RequestId");
  answer.host_id = printable(find_header(response.headers, "x-amz-id-2"), kMostField);
  if (answer.host_id.empty()) answer.host_id = child(document, "HostId");
  return answer;
}

}  // namespace cistern
