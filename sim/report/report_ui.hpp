/// Style and script of the HTML report, embedded when the program is built (cmake/report_ui.cmake).
#pragma once

#include <string>

namespace firstbyte::report {

[[nodiscard]] std::string ui_style();
/// Empty when the program was built without npm: the report then has its static charts and tables only.
[[nodiscard]] std::string ui_script();

} // namespace firstbyte::report
