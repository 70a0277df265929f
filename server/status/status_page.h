// The status page as HTML: whole without JavaScript, and bringing the script and the template by which it
// then keeps itself up to date. Immutable, any thread.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace cistern {

class StatusPage {
 public:
  StatusPage();

  std::string html(const nlohmann::ordered_json& document) const;
  // Header lines for html(): nothing but what is in the page may run, and nothing may frame it.
  const std::string& headers() const { return headers_; }

 private:
  std::string before_;  // the live part
  std::string after_;
  std::string headers_;
};

}  // namespace cistern
