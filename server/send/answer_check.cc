#include "server/send/answer_check.h"

#include <nlohmann/json.hpp>

#include "pipeline/ascii.h"

namespace cistern {
namespace {

constexpr size_t kMaxBody = 1u << 20;
constexpr size_t kMaxErrorMessage = 8192;

// Text from the other side.
std::string shown(std::string_view text) { return printable(text, 200); }

std::string wrong_headers(const HttpResponse& answer) {
  const std::string_view type = find_header(answer.headers, "Content-Type");
  if (type != "application/json") return "Content-Type is '" + shown(type) + "', not 'application/json'";
  if (!find_header(answer.headers, "Content-Encoding").empty()) return "it has a Content-Encoding";
  if (find_header(answer.headers, "Content-Length").empty()) return "it has no Content-Length";
  if (answer.body.size() >= kMaxBody) return "its body is 1 MiB or longer";
  return "";
}

std::string wrong_members(const nlohmann::json& body, std::string_view request_id) {
  if (!body.is_object()) return "its body is not a JSON object";
  const auto id = body.find("requestId");
  if (id == body.end() || !id->is_string()) return "its body has no string 'requestId'";
  if (id->get_ref<const std::string&>() != request_id) return "its 'requestId' is not the request's";
  const auto timestamp = body.find("timestamp");
  if (timestamp == body.end()) return "its body has no 'timestamp'";
  if (!timestamp->is_number_integer()) return "its 'timestamp' is not a JSON integer";
  for (const auto& [name, value] : body.items()) {
    if (name == "requestId" || name == "timestamp") continue;
    if (name != "errorMessage") return "its body has an unexpected member '" + shown(name) + "'";
    if (!value.is_string() || value.get_ref<const std::string&>().size() > kMaxErrorMessage) {
      return "its 'errorMessage' is not a string of at most 8192 characters";
    }
  }
  return "";
}

std::string wrong_body(const HttpResponse& answer, std::string_view request_id) {
  const nlohmann::json body = nlohmann::json::parse(answer.body, nullptr, false);
  if (body.is_discarded()) return "its body is not JSON: " + shown(answer.body);
  return wrong_members(body, request_id);
}

std::string error_message(const HttpResponse& answer) {
  const nlohmann::json body = nlohmann::json::parse(answer.body, nullptr, false);
  if (!body.is_object() || !body.contains("errorMessage") || !body["errorMessage"].is_string()) return "";
  return ": " + shown(body["errorMessage"].get_ref<const std::string&>());
}

}  // namespace

Verdict judge_answer(const Result<HttpResponse>& answer, std::string_view request_id) {
  using Outcome = Verdict::Outcome;
  if (!answer) return {Outcome::retry, 0, shown(answer.error().what)};
  const HttpResponse& response = answer.value();
  std::string wrong = wrong_headers(response);
  if (wrong.empty()) wrong = wrong_body(response, request_id);
  if (response.status == 200) {
    if (wrong.empty()) return {Outcome::delivered, 200, ""};
    return {Outcome::retry, 200, "status 200, but " + wrong};
  }
  std::string why = "status " + std::to_string(response.status) + error_message(response);
  if (!wrong.empty()) why += " (and " + wrong + ")";
  return {response.status == 413 ? Outcome::permanent : Outcome::retry, response.status, std::move(why)};
}

}  // namespace cistern
