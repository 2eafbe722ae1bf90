// SFTP: Airflow's operator and sensor of the package sftp, over a connection of type sftp or ssh (ssh/ssh_settings.h). What
// moves files is a mover; the sensor looks in a thread beside the loop. Transfers to S3 and Cloud Storage are in their folders.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>

#include "operators/registry.h"

namespace venturi::providers {

// ---- sftp_operator.cpp: the XCom is local_filepath.
[[nodiscard]] Value run_sftp(operators::MoverTry& t, const operators::Arguments& arguments);

// ---- sftp_sensor.cpp: the XCom is the list of the paths that were found.
[[nodiscard]] boost::asio::awaitable<operators::Poke> poke_sftp(operators::OperatorTry& t,
                                                                const operators::Arguments& arguments);

// ---- sftp_connection.cpp
[[nodiscard]] operators::ConnectionTest test_sftp(const Connection& connection);

}  // namespace venturi::providers
