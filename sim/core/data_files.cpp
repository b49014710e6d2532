#include "core/data_files.hpp"

#include <boost/iostreams/copy.hpp>
#include <boost/iostreams/device/array.hpp>
#include <boost/iostreams/device/back_inserter.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filter/lzma.hpp>
#include <boost/iostreams/filtering_streambuf.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <stdexcept>
#include <vector>

namespace firstbyte {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> data_folders() {
    if (const char* chosen = std::getenv("FIRSTBYTE_DATA"); chosen != nullptr && *chosen != '\0') return {chosen};
    std::vector<fs::path> folders;
    std::error_code no_link; // no /proc on this system: the installed place is then not known
    const fs::path program = fs::read_symlink("/proc/self/exe", no_link);
    if (!no_link) folders.push_back(program.parent_path().parent_path() / "share" / "firstbyte" / "data");
#ifdef FIRSTBYTE_DATA_DIR
    folders.emplace_back(FIRSTBYTE_DATA_DIR);
#endif
    return folders;
}

template <class Decompressor>
std::string decompress(const std::string& packed, const std::string& path) {
    namespace io = boost::iostreams;
    std::string text;
    try {
        io::filtering_streambuf<io::input> chain;
        chain.push(Decompressor());
        chain.push(io::array_source(packed.data(), packed.size()));
        io::copy(chain, io::back_inserter(text));
    } catch (const std::ios_base::failure& damaged) {
        throw std::runtime_error("the compressed file \"" + path + "\" is damaged (" + damaged.what() + ")");
    }
    return text;
}

std::string compress(std::string_view text, const auto& compressor) {
    namespace io = boost::iostreams;
    std::string packed;
    io::filtering_streambuf<io::input> chain;
    chain.push(compressor);
    chain.push(io::array_source(text.data(), text.size()));
    io::copy(chain, io::back_inserter(packed));
    return packed;
}

} // namespace

std::string data_file(std::string_view name) {
    std::string tried;
    for (const fs::path& folder : data_folders()) {
        const fs::path candidate = folder / fs::path(name);
        std::error_code unreadable; // counts as "not here"
        if (fs::is_regular_file(candidate, unreadable)) return candidate.string();
        tried += (tried.empty() ? "" : ", ") + folder.string();
    }
    throw std::runtime_error("the data file \"" + std::string(name) + "\" was not found in: " + tried +
                             " (the environment variable FIRSTBYTE_DATA names another folder)");
}

std::string read_text_file(const std::string& path) {
    using namespace std::string_view_literals;
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot open the file \"" + path + "\"");
    std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (file.bad()) throw std::runtime_error("cannot read the file \"" + path + "\"");
    const std::string_view start = bytes;
    if (start.substr(0, 6) == "\xFD"
                              "7zXZ\0"sv) // .xz file format 1.0.4, section 2.1.1.1
        return decompress<boost::iostreams::lzma_decompressor>(bytes, path);
    if (start.substr(0, 2) == "\x1F\x8B"sv) // RFC 1952 section 2.3.1
        return decompress<boost::iostreams::gzip_decompressor>(bytes, path);
    return bytes;
}

std::string pack_gzip(std::string_view text) { return compress(text, boost::iostreams::gzip_compressor()); }

std::string pack_xz(std::string_view text) { return compress(text, boost::iostreams::lzma_compressor()); }

} // namespace firstbyte
