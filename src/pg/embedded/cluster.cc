#include "pg/embedded/cluster.h"

#include "pg/embedded/cluster_state.h"

namespace segue::pg {

Result<Cluster> Cluster::start(const ClusterOptions& options) {
  auto state = std::make_unique<State>();
  TRY(state->prepare(options));
  TRY(state->boot());
  TRY(state->furnish());
  return Cluster(std::move(state));
}

Cluster::Cluster(std::unique_ptr<State> state) : state_(std::move(state)) {}
Cluster::Cluster(Cluster&&) noexcept = default;
Cluster& Cluster::operator=(Cluster&&) noexcept = default;
Cluster::~Cluster() = default;

std::string Cluster::url() const {
  return state_->url();
}
std::string Cluster::socket_url() const {
  return state_->socket_url(state_->options.database);
}
std::string Cluster::socket_dir() const {
  return state_->folder.path;
}
std::string Cluster::data_dir() const {
  return state_->data_dir;
}
std::string Cluster::log_file() const {
  return state_->log_file;
}
int Cluster::port() const {
  return state_->port.number;
}
int Cluster::postmaster_pid() const {
  return state_->postmaster;
}
const ServerPrograms& Cluster::programs() const {
  return state_->programs;
}

Status Cluster::stop(StopMode mode) {
  return state_->stop(mode);
}
Status Cluster::start_again() {
  return state_->start_again();
}

}  // namespace segue::pg
