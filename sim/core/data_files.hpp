/// Where the data that ships with the program is, and how a text file is read.
#pragma once

#include <string>
#include <string_view>

namespace firstbyte {

/// Full path of a shipped data file, e.g. "cities.csv".
///
/// Looked for in the folder that the environment variable FIRSTBYTE_DATA names (and nowhere else when it is set), then
/// in ../share/firstbyte/data beside the folder of the program, then where the program was built.
/// @throws std::runtime_error  naming the places tried
[[nodiscard]] std::string data_file(std::string_view name);

/// The whole text of a file; gzip, xz and bzip2 are recognised by their first bytes and decompressed.
/// @throws std::runtime_error  when the file cannot be read, when its compressed data are damaged or cut short, and
///                             when its name promises compressed data and there are none
[[nodiscard]] std::string read_text_file(const std::string& path);

/// The text as a gzip file without a name and a time: the same text gives the same bytes.
[[nodiscard]] std::string pack_gzip(std::string_view text);
/// The text as an xz file.
[[nodiscard]] std::string pack_xz(std::string_view text);

} // namespace firstbyte
