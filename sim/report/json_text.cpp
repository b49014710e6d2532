#include "report/json_text.hpp"

namespace firstbyte::report {
namespace {

void write(const Json& value, int open_levels, std::size_t indent, std::string& out) {
    if (!value.is_structured() || value.empty() || open_levels == 0) {
        out += value.dump();
        return;
    }
    const bool object = value.is_object();
    const std::string inner(indent + 2, ' ');
    out += object ? "{" : "[";
    bool first = true;
    for (auto it = value.begin(); it != value.end(); ++it) {
        out += first ? "\n" : ",\n";
        first = false;
        out += inner;
        if (object) out += Json(it.key()).dump() + ": ";
        write(*it, open_levels - 1, indent + 2, out);
    }
    out += "\n" + std::string(indent, ' ') + (object ? "}" : "]");
}

} // namespace

std::string json_text(const Json& value, int open_levels) {
    std::string out;
    write(value, open_levels, 0, out);
    return out + "\n";
}

} // namespace firstbyte::report
