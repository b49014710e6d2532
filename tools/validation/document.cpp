#include "document.hpp"

#include "read_records.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace firstbyte::validate {

std::string with_section(const std::string& document, const std::string& subject, const std::string& section) {
    const std::string begin = "<!-- " + subject + ": begin -->\n", end = "<!-- " + subject + ": end -->\n";
    std::string text = document;
    if (text.empty())
        text =
            "# Validation\n\nWhat the simulator was compared with, and how far it agrees. `tools/validate` makes the "
            "tables.\n";
    const std::size_t from = text.find(begin), to = text.find(end);
    if (from == std::string::npos || to == std::string::npos || to < from) return text + "\n" + begin + section + end;
    return text.substr(0, from) + begin + section + text.substr(to);
}

void write_section(const std::string& path, const std::string& subject, const std::string& section) {
    const std::string old = std::filesystem::exists(path) ? read_text(path) : std::string();
    const std::string text = with_section(old, subject, section), temporary = path + ".new";
    {
        std::ofstream file(temporary, std::ios::binary);
        file << text;
        if (!file.flush()) throw std::runtime_error("cannot write " + path + ": " + std::strerror(errno));
    }
    if (std::rename(temporary.c_str(), path.c_str()) != 0)
        throw std::runtime_error("cannot write " + path + ": " + std::strerror(errno));
}

} // namespace firstbyte::validate
