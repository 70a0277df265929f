// The files of page/ and the runbook, embedded when the build is configured (page_files.cc.in).
#pragma once

#include <string_view>

namespace cistern::page_files {

extern const std::string_view page_html;  // the frame: @STYLE@, @SCRIPT@, @TEMPLATE@, @LIVE@ are put in
extern const std::string_view live_html;  // a template of what changes: page_template.h
extern const std::string_view page_css;
extern const std::string_view page_js;
extern const std::string_view runbook_md;

}  // namespace cistern::page_files
