#include "report/database.hpp"

#include <cmath>
#include <stdexcept>

#include <sqlite3.h>

namespace firstbyte::report {

void Database::Close::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
void Database::Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void Database::fail(const char* verb) const {
    throw std::runtime_error(std::string{"cannot "} + verb + " " + name_ + ": " + sqlite3_errmsg(handle_.get()));
}

Database::Database() : name_(":memory:") {
    sqlite3* handle = nullptr;
    const int code = sqlite3_open(":memory:", &handle);
    handle_.reset(handle);
    if (code != SQLITE_OK) fail("open");
}

Database::Database(const std::string& file, bool create) : name_(file) {
    sqlite3* handle = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0);
    const int code = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
    handle_.reset(handle);
    if (code != SQLITE_OK) fail("open");
    constexpr int patience_ms = 10'000; // model choice: another process may be reading the store
    sqlite3_busy_timeout(handle, patience_ms);
}

void Database::execute(const std::string& sql) {
    if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail("use");
}

std::string Database::bytes() {
    sqlite3_int64 size = 0;
    unsigned char* data = sqlite3_serialize(handle_.get(), "main", &size, 0);
    if (data == nullptr) throw std::runtime_error("out of memory while a database was written");
    std::string out(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
    sqlite3_free(data);
    return out;
}

Database::Statement::Statement(Database& database, const std::string& sql) : database_(database) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(database.handle_.get(), sql.c_str(), -1, &statement, nullptr);
    statement_.reset(statement);
    if (code != SQLITE_OK) database.fail("use");
}

void Database::Statement::check(int code) const {
    if (code != SQLITE_OK) database_.fail("use");
}

Database::Statement& Database::Statement::bind(const std::string& text) {
    check(sqlite3_bind_text64(statement_.get(), ++bound_, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
    return *this;
}

Database::Statement& Database::Statement::bind(std::int64_t number) {
    check(sqlite3_bind_int64(statement_.get(), ++bound_, number));
    return *this;
}

Database::Statement& Database::Statement::bind(double number) {
    check(sqlite3_bind_double(statement_.get(), ++bound_, number));
    return *this;
}

Database::Statement& Database::Statement::bind_null() {
    check(sqlite3_bind_null(statement_.get(), ++bound_));
    return *this;
}

Database::Statement& Database::Statement::bind_number(double number) {
    constexpr double whole_max = 9.007199254740992e15; // 2^53
    const bool whole = number == std::floor(number) && std::fabs(number) < whole_max;
    return whole ? bind(static_cast<std::int64_t>(number)) : bind(number);
}

Database::Statement& Database::Statement::bind_number(const std::optional<double>& number) {
    return number ? bind_number(*number) : bind_null();
}

void Database::Statement::run() {
    if (sqlite3_step(statement_.get()) != SQLITE_DONE) database_.fail("write");
    check(sqlite3_reset(statement_.get()));
    bound_ = 0;
}

bool Database::Statement::next() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) database_.fail("read");
    check(sqlite3_reset(statement_.get()));
    bound_ = 0;
    return false;
}

std::string Database::Statement::text(int column) const {
    const unsigned char* text = sqlite3_column_text(statement_.get(), column);
    return text == nullptr ? "" : reinterpret_cast<const char*>(text);
}
std::int64_t Database::Statement::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
double Database::Statement::real(int column) const { return sqlite3_column_double(statement_.get(), column); }
bool Database::Statement::is_null(int column) const {
    return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

} // namespace firstbyte::report
