// Texts out of the small XML documents that AWS answers with.
#pragma once

#include <string>
#include <string_view>

namespace cistern {

inline constexpr size_t kMostXmlBytes = 64 * 1024;  // of a document; what follows is not looked at

// What the document's first <name> element holds, entities decoded; empty when there is none, or when it
// holds other elements.
std::string xml_text(std::string_view document, std::string_view name);

}  // namespace cistern
