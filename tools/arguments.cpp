#include "arguments.hpp"

#include "output.hpp"

#include "firstbyte/outputs.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include <fmt/format.h>

namespace firstbyte::tools {

double parse_share(const char* option, const std::string& word, const char* example) {
    const bool percent = !word.empty() && word.back() == '%';
    double value = 0;
    const char* end = word.data() + word.size() - (percent ? 1 : 0);
    const auto [stop, error] = std::from_chars(word.data(), end, value);
    if (percent) value /= 100;
    if (error != std::errc{} || stop != end || !(value > 0 && value < 1))
        throw UsageError(fmt::format("{}: \"{}\" is no share between 0 and 1, such as {}", option, word, example));
    return value;
}

StoredResult stored_result(const std::string& argument, const std::string& usual) {
    const std::size_t hash = argument.rfind('#');
    StoredResult out;
    out.file = argument.substr(0, hash);
    out.text = read_file(out.file);
    if (hash != std::string::npos) {
        out.variant = argument.substr(hash + 1);
        return out;
    }
    if (usual.empty()) return out;
    const std::vector<std::string> names = result_variants(out.text);
    if (std::find(names.begin(), names.end(), usual) != names.end()) out.variant = usual;
    return out;
}

} // namespace firstbyte::tools
