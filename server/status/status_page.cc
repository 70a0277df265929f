#include "server/status/status_page.h"

#include <nlohmann/json.hpp>

#include "pipeline/digest.h"
#include "server/status/page_files.h"
#include "server/status/page_template.h"

namespace cistern {
namespace {

void put_in(std::string_view name, std::string_view text, std::string& page) {
  page.replace(page.find(name), name.size(), text);
}

std::string hash_source(std::string_view text) {
  const Sha256 digest = sha256(text);
  return "'sha256-" + base64_encode({reinterpret_cast<const char*>(digest.data()), digest.size()}) + "'";
}

}  // namespace

StatusPage::StatusPage() {
  std::string page(page_files::page_html);
  put_in("@STYLE@", page_files::page_css, page);
  put_in("@TEMPLATE@", page_files::live_html, page);
  put_in("@SCRIPT@", page_files::page_js, page);
  const std::string_view live = "@LIVE@";
  const size_t at = page.find(live);
  before_ = page.substr(0, at);
  after_ = page.substr(at + live.size());
  headers_ =
      "Content-Security-Policy: default-src 'none'; script-src " + hash_source(page_files::page_js) +
      "; style-src " + hash_source(page_files::page_css) +
      "; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
      "X-Frame-Options: DENY\r\n";
}

std::string StatusPage::html(const nlohmann::ordered_json& document) const {
  return before_ + fill_template(page_files::live_html, document) + after_;
}

}  // namespace cistern
