#include "core/data_files.hpp"

#include <boost/iostreams/copy.hpp>
#include <boost/iostreams/device/array.hpp>
#include <boost/iostreams/device/back_inserter.hpp>
#include <boost/iostreams/filter/bzip2.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filter/lzma.hpp>
#include <boost/iostreams/filtering_streambuf.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ios>
#include <stdexcept>
#include <string>
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

/// Whether compressed data stop before their end, as after a download that broke off; else something in them is wrong.
bool ends_early(const std::ios_base::failure& fault) {
    namespace io = boost::iostreams;
    if (const auto* xz = dynamic_cast<const io::lzma_error*>(&fault)) return xz->error() == io::lzma::buf_error;
    if (const auto* bzip2 = dynamic_cast<const io::bzip2_error*>(&fault))
        return bzip2->error() == io::bzip2::unexpected_eof;
    if (const auto* gzip = dynamic_cast<const io::gzip_error*>(&fault))
        return gzip->error() == io::gzip::bad_footer ||
               (gzip->error() == io::gzip::zlib_error && gzip->zlib_error_code() == io::zlib::buf_error);
    return false;
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
    } catch (const std::ios_base::failure& fault) {
        const auto lines = std::count(text.begin(), text.end(), '\n');
        throw std::runtime_error("the compressed file \"" + path + "\" is " +
                                 (ends_early(fault) ? "cut short" : "damaged") + " somewhere after line " +
                                 std::to_string(lines) + " of its text");
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
    std::string bytes;
    constexpr std::streamsize block = 1 << 16;
    for (std::streamsize got = block; got == block;) { // not by size: a pipe has none
        const std::size_t before = bytes.size();
        bytes.resize(before + static_cast<std::size_t>(block));
        file.read(bytes.data() + before, block);
        got = file.gcount();
        bytes.resize(before + static_cast<std::size_t>(got));
    }
    if (file.bad()) throw std::runtime_error("cannot read the file \"" + path + "\"");
    const std::string_view start = bytes;
    if (start.substr(0, 6) == "\xFD"
                              "7zXZ\0"sv) // .xz file format 1.0.4, section 2.1.1.1
        return decompress<boost::iostreams::lzma_decompressor>(bytes, path);
    if (start.substr(0, 2) == "\x1F\x8B"sv) // RFC 1952 section 2.3.1
        return decompress<boost::iostreams::gzip_decompressor>(bytes, path);
    if (start.substr(0, 3) == "BZh"sv) // bzip2 1.0.8, decompress.c: what CAIDA serves
        return decompress<boost::iostreams::bzip2_decompressor>(bytes, path);
    for (const char* ending : {".xz", ".gz", ".bz2"})
        if (!bytes.empty() && path.ends_with(ending))
            throw std::runtime_error("the file \"" + path + "\" ends in " + ending +
                                     " and holds something else; is it the page of an error, or compressed twice?");
    return bytes;
}

std::string pack_gzip(std::string_view text) { return compress(text, boost::iostreams::gzip_compressor()); }

std::string pack_xz(std::string_view text) { return compress(text, boost::iostreams::lzma_compressor()); }

} // namespace firstbyte
