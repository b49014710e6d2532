/// A file with given text for as long as a test needs it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace firstbyte::test {

class TemporaryFile {
public:
    explicit TemporaryFile(const std::string& text, const std::string& suffix = "") {
        std::string name = (std::filesystem::temp_directory_path() / ("firstbyte-XXXXXX" + suffix)).string();
        const int descriptor = ::mkstemps(name.data(), static_cast<int>(suffix.size()));
        if (descriptor < 0) throw std::runtime_error("no temporary file");
        ::close(descriptor);
        path_ = name;
        std::ofstream(path_, std::ios::binary) << text;
    }
    ~TemporaryFile() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

} // namespace firstbyte::test
