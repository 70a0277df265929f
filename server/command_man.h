// `cistern man`: the manual page of section 1, made of the command line's own tree, so that it is never
// stale. Pure.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace cistern {

// roff with the man macros; the same sources give the same page.
std::string man_page(const CLI::App& app);

}  // namespace cistern
