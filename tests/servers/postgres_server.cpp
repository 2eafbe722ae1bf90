#include "servers/postgres_server.h"

#include <libpq-fe.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

#include "base/random.h"

namespace venturi::tests {
namespace {

constexpr const char* binaries = "/usr/lib/postgresql/15/bin/";
constexpr const char* package = "postgresql-15";
constexpr const char* user = "postgres";

void give_to_server(const std::string& path) {
  if (::geteuid() != 0) return;
  const passwd* owner = ::getpwnam(user);
  if (owner == nullptr) throw std::runtime_error(std::string("no user postgres (install it: apt-get install ") + package + ")");
  if (::chown(path.c_str(), owner->pw_uid, owner->pw_gid) != 0) throw std::runtime_error("chown of " + path + " failed");
}

}  // namespace

PostgresServer::PostgresServer() : password_(random_password(16)) {
  give_to_server(folder_.path());
  const std::string password_file = folder_.write("password", password_);
  ::chmod(password_file.c_str(), 0600);
  give_to_server(password_file);
  ServerProcess initdb({.program = std::string(binaries) + "initdb",
                        .package = package,
                        .arguments = {"-D", folder_ / "data", "-A", "scram-sha-256", "-U", user, "--pwfile=" + password_file,
                                      "-N", "-E", "UTF8", "--locale=C.UTF-8"},
                        .user = user,
                        .output_file = folder_ / "initdb.log"});
  if (!becomes_true([&] { return initdb.has_ended(); }, std::chrono::seconds(60)) ||
      ::access((folder_ / "data/PG_VERSION").c_str(), F_OK) != 0) {
    throw std::runtime_error("initdb failed:\n" + read_file(folder_ / "initdb.log"));
  }
  for (int attempt = 0;; ++attempt) {
    port_ = free_port();
    try {
      start();
      return;
    } catch (const std::runtime_error&) {
      if (attempt == 3) throw;  // somebody took the port in between
    }
  }
}

PostgresServer::~PostgresServer() {
  if (process_) process_->end(SIGQUIT);
}

std::string PostgresServer::conninfo(const std::string& database) const {
  return "host=127.0.0.1 port=" + std::to_string(port_) + " user=postgres password=" + password_ + " dbname=" + database +
         " connect_timeout=20";
}

void PostgresServer::start() {
  process_ = std::make_unique<ServerProcess>(ServerProgram{
      .program = std::string(binaries) + "postgres",
      .package = package,
      .arguments = {"-D", folder_ / "data", "-p", std::to_string(port_), "-c", "listen_addresses=127.0.0.1", "-c",
                    "unix_socket_directories=" + folder_.path(), "-c", "fsync=off", "-c", "log_min_messages=fatal"},
      .user = user,
      .output_file = folder_ / "postgres.log",
      .parent_death_signal = SIGQUIT});
  const bool ready = becomes_true([&] { return process_->has_ended() || ::PQping(conninfo().c_str()) == PQPING_OK; });
  if (!ready || process_->has_ended())
    throw std::runtime_error("PostgreSQL does not start:\n" + read_file(folder_ / "postgres.log"));
}

void PostgresServer::stop() {
  process_->end(SIGQUIT);
}

void PostgresServer::freeze() const {
  process_->signal(SIGSTOP);
}
void PostgresServer::thaw() const {
  process_->signal(SIGCONT);
}

std::string PostgresServer::run(const std::string& sql, const std::string& database) const {
  const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(::PQconnectdb(conninfo(database).c_str()), ::PQfinish);
  if (::PQstatus(connection.get()) != CONNECTION_OK) throw std::runtime_error(::PQerrorMessage(connection.get()));
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(::PQexec(connection.get(), sql.c_str()), ::PQclear);
  const ExecStatusType status = ::PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) throw std::runtime_error(::PQresultErrorMessage(result.get()));
  return ::PQntuples(result.get()) > 0 ? ::PQgetvalue(result.get(), 0, 0) : "";
}

}  // namespace venturi::tests
