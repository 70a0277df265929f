// What a scripted S3 answers, as bytes.
#pragma once

#include <string>

namespace cistern::store_rig {

inline constexpr const char* kStored = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nETag: \"x\"\r\n\r\n";
inline constexpr const char* kExists = "HTTP/1.1 412 Precondition Failed\r\nContent-Length: 0\r\n\r\n";

// `headers` end in \r\n each.
inline std::string answer(const std::string& status, const std::string& body,
                          const std::string& headers = "") {
  return "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

// `more` stands in the document beside its <Code>.
inline std::string error_answer(const std::string& status, const std::string& code,
                                const std::string& headers = "", const std::string& more = "") {
  return answer(status, "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code>" + more + "</Error>",
                headers);
}

}  // namespace cistern::store_rig
