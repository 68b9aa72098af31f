"""Names that a real server's statistics and settings have, with what they are when nothing has happened.

Tools look values up by these names, so all are told, in the server's order; a name without a value stands for 0.
What this server knows better is put over it where the answer is made.
"""

from __future__ import annotations

__all__ = [
    "NAMESPACE_CONFIG",
    "NAMESPACE_STATISTICS",
    "NETWORK_CONFIG",
    "SERVICE_CONFIG",
    "STATISTICS",
    "join",
]

_STRIPES = 8
_STRIPE_STATISTICS = ("used_bytes", "free_wblocks", "writes", "defrag_q", "defrag_reads", "defrag_writes")

_STATISTICS = """
failed_best_practices=false cluster_size=1 cluster_key cluster_generation cluster_principal
cluster_min_compatibility_id=15 cluster_max_compatibility_id=15 cluster_integrity=true cluster_is_member=true
cluster_duplicate_nodes=null cluster_clock_skew_stop_writes_sec cluster_clock_skew_ms
cluster_clock_skew_outliers=null uptime system_total_cpu_pct system_user_cpu_pct system_kernel_cpu_pct
system_free_mem_kbytes system_free_mem_pct host_free_mem_kbytes host_free_mem_pct system_thp_mem_kbytes
process_cpu_pct threads_joinable threads_detached threads_pool_total threads_pool_active heap_allocated_kbytes
heap_active_kbytes heap_mapped_kbytes heap_efficiency_pct heap_site_count objects tombstones info_queue
rw_in_progress proxy_in_progress tree_gc_queue client_connections client_connections_opened
client_connections_closed admin_connections admin_connections_opened admin_connections_closed
heartbeat_connections heartbeat_connections_opened heartbeat_connections_closed fabric_connections
fabric_connections_opened fabric_connections_closed heartbeat_received_self heartbeat_received_foreign reaped_fds
info_complete info_timeout demarshal_error early_tsvc_client_error early_tsvc_from_proxy_error
early_tsvc_from_proxy_batch_sub_error long_queries_active batch_index_initiate batch_index_queue=0:0,0:0
batch_index_complete batch_index_error batch_index_timeout batch_index_delay batch_index_unused_buffers
batch_index_huge_buffers batch_index_created_buffers batch_index_destroyed_buffers
batch_index_proto_uncompressed_pct=0.000 batch_index_proto_compression_ratio=1.000 paxos_principal
time_since_rebalance migrate_allowed=true migrate_partitions_remaining fabric_bulk_send_rate
fabric_bulk_recv_rate fabric_ctrl_send_rate fabric_ctrl_recv_rate fabric_meta_send_rate fabric_meta_recv_rate
fabric_rw_send_rate fabric_rw_recv_rate deprecated_requests
"""
_NAMESPACE_STATISTICS = """
ns_cluster_size=1 effective_replication_factor=1 objects tombstones xdr_tombstones xdr_bin_cemeteries
mrt_provisionals master_objects master_tombstones prole_objects prole_tombstones non_replica_objects
non_replica_tombstones unreplicated_records dead_partitions unavailable_partitions auto_revived_partitions
clock_skew_stop_writes=false stop_writes=false hwm_breached=false current_time non_expirable_objects
expired_objects evicted_objects evict_ttl evict_void_time smd_evict_void_time nsup_cycle_duration
nsup_cycle_deleted_pct=0.00 nsup_xdr_key_busy truncate_lut truncating=false sindex_gc_cleaned mrt_monitors
mrt_monitors_active xmem_id index_used_bytes set_index_used_bytes sindex_used_bytes data_total_bytes
data_used_bytes data_used_pct data_avail_pct data_compression_ratio=1.000 record_proto_uncompressed_pct=0.000
record_proto_compression_ratio=1.000 query_proto_uncompressed_pct=0.000 query_proto_compression_ratio=1.000
pending_quiesce=false effective_is_quiesced=false nodes_quiesced effective_prefer_uniform_balance=false
effective_active_rack migrate_tx_partitions_imbalance migrate_tx_instances migrate_rx_instances
migrate_tx_partitions_active migrate_rx_partitions_active migrate_tx_partitions_initial
migrate_tx_partitions_remaining migrate_tx_partitions_lead_remaining migrate_rx_partitions_initial
migrate_rx_partitions_remaining migrate_records_skipped migrate_records_transmitted migrate_record_retransmits
migrate_record_receives migrate_records_unreadable migrate_signals_active migrate_signals_remaining
migrate_fresh_partitions appeals_tx_active appeals_rx_active appeals_tx_remaining appeals_records_exonerated
client_tsvc_error client_tsvc_timeout client_proxy_complete client_proxy_error client_proxy_timeout
client_read_success client_read_error client_read_timeout client_read_not_found client_read_filtered_out
client_write_success client_write_error client_write_timeout client_write_filtered_out xdr_client_write_success
xdr_client_write_error xdr_client_write_timeout client_delete_success client_delete_error client_delete_timeout
client_delete_not_found client_delete_filtered_out xdr_client_delete_success xdr_client_delete_error
xdr_client_delete_timeout xdr_client_delete_not_found client_udf_complete client_udf_error client_udf_timeout
client_udf_filtered_out client_lang_read_success client_lang_write_success client_lang_delete_success
client_lang_error from_proxy_tsvc_error from_proxy_tsvc_timeout from_proxy_read_success from_proxy_read_error
from_proxy_read_timeout from_proxy_read_not_found from_proxy_read_filtered_out from_proxy_write_success
from_proxy_write_error from_proxy_write_timeout from_proxy_write_filtered_out xdr_from_proxy_write_success
xdr_from_proxy_write_error xdr_from_proxy_write_timeout from_proxy_delete_success from_proxy_delete_error
from_proxy_delete_timeout from_proxy_delete_not_found from_proxy_delete_filtered_out
xdr_from_proxy_delete_success xdr_from_proxy_delete_error xdr_from_proxy_delete_timeout
xdr_from_proxy_delete_not_found from_proxy_udf_complete from_proxy_udf_error from_proxy_udf_timeout
from_proxy_udf_filtered_out from_proxy_lang_read_success from_proxy_lang_write_success
from_proxy_lang_delete_success from_proxy_lang_error batch_sub_tsvc_error batch_sub_tsvc_timeout
batch_sub_proxy_complete batch_sub_proxy_error batch_sub_proxy_timeout batch_sub_read_success
batch_sub_read_error batch_sub_read_timeout batch_sub_read_not_found batch_sub_read_filtered_out
batch_sub_write_success batch_sub_write_error batch_sub_write_timeout batch_sub_write_filtered_out
batch_sub_delete_success batch_sub_delete_error batch_sub_delete_timeout batch_sub_delete_not_found
batch_sub_delete_filtered_out batch_sub_udf_complete batch_sub_udf_error batch_sub_udf_timeout
batch_sub_udf_filtered_out batch_sub_lang_read_success batch_sub_lang_write_success batch_sub_lang_delete_success
batch_sub_lang_error from_proxy_batch_sub_tsvc_error from_proxy_batch_sub_tsvc_timeout
from_proxy_batch_sub_read_success from_proxy_batch_sub_read_error from_proxy_batch_sub_read_timeout
from_proxy_batch_sub_read_not_found from_proxy_batch_sub_read_filtered_out from_proxy_batch_sub_write_success
from_proxy_batch_sub_write_error from_proxy_batch_sub_write_timeout from_proxy_batch_sub_write_filtered_out
from_proxy_batch_sub_delete_success from_proxy_batch_sub_delete_error from_proxy_batch_sub_delete_timeout
from_proxy_batch_sub_delete_not_found from_proxy_batch_sub_delete_filtered_out from_proxy_batch_sub_udf_complete
from_proxy_batch_sub_udf_error from_proxy_batch_sub_udf_timeout from_proxy_batch_sub_udf_filtered_out
from_proxy_batch_sub_lang_read_success from_proxy_batch_sub_lang_write_success
from_proxy_batch_sub_lang_delete_success from_proxy_batch_sub_lang_error udf_sub_tsvc_error udf_sub_tsvc_timeout
udf_sub_udf_complete udf_sub_udf_error udf_sub_udf_timeout udf_sub_udf_filtered_out udf_sub_lang_read_success
udf_sub_lang_write_success udf_sub_lang_delete_success udf_sub_lang_error ops_sub_tsvc_error ops_sub_tsvc_timeout
ops_sub_write_success ops_sub_write_error ops_sub_write_timeout ops_sub_write_filtered_out dup_res_ask
dup_res_respond_read dup_res_respond_no_read retransmit_all_read_dup_res retransmit_all_write_dup_res
retransmit_all_delete_dup_res retransmit_all_udf_dup_res retransmit_all_batch_sub_read_dup_res
retransmit_all_batch_sub_write_dup_res retransmit_all_batch_sub_delete_dup_res
retransmit_all_batch_sub_udf_dup_res retransmit_udf_sub_dup_res retransmit_ops_sub_dup_res
retransmit_all_read_repl_ping retransmit_all_batch_sub_read_repl_ping retransmit_all_write_repl_write
retransmit_all_delete_repl_write retransmit_all_udf_repl_write retransmit_all_batch_sub_write_repl_write
retransmit_all_batch_sub_delete_repl_write retransmit_all_batch_sub_udf_repl_write retransmit_udf_sub_repl_write
retransmit_ops_sub_repl_write pi_query_short_basic_complete pi_query_short_basic_error
pi_query_short_basic_timeout pi_query_long_basic_complete pi_query_long_basic_error pi_query_long_basic_abort
pi_query_aggr_complete pi_query_aggr_error pi_query_aggr_abort pi_query_udf_bg_complete pi_query_udf_bg_error
pi_query_udf_bg_abort pi_query_ops_bg_complete pi_query_ops_bg_error pi_query_ops_bg_abort
si_query_short_basic_complete si_query_short_basic_error si_query_short_basic_timeout
si_query_long_basic_complete si_query_long_basic_error si_query_long_basic_abort si_query_aggr_complete
si_query_aggr_error si_query_aggr_abort si_query_udf_bg_complete si_query_udf_bg_error si_query_udf_bg_abort
si_query_ops_bg_complete si_query_ops_bg_error si_query_ops_bg_abort geo_region_query_reqs geo_region_query_cells
geo_region_query_points geo_region_query_falsepos read_touch_tsvc_error read_touch_tsvc_timeout
read_touch_success read_touch_error read_touch_timeout read_touch_skip re_repl_tsvc_error re_repl_tsvc_timeout
re_repl_success re_repl_error re_repl_timeout mrt_verify_read_success mrt_verify_read_error
mrt_verify_read_timeout mrt_roll_forward_success mrt_roll_forward_error mrt_roll_forward_timeout
mrt_monitor_roll_forward_success mrt_monitor_roll_forward_error mrt_monitor_roll_forward_timeout
mrt_roll_back_success mrt_roll_back_error mrt_roll_back_timeout mrt_monitor_roll_back_success
mrt_monitor_roll_back_error mrt_monitor_roll_back_timeout fail_xdr_forbidden fail_key_busy fail_xdr_key_busy
fail_generation fail_record_too_big fail_client_lost_conflict fail_xdr_lost_conflict fail_mrt_blocked
fail_mrt_version_mismatch deleted_last_bin mrt_monitor_roll_tombstone_creates ttl_reductions_ignored
ttl_reductions_applied
"""
_NAMESPACE_CONFIG = """
active-rack allow-ttl-without-nsup=false apply-ttl-reductions=true auto-revive=false
background-query-max-rps=10000 conflict-resolution-policy=generation conflict-resolve-writes=false
default-read-touch-ttl-pct default-ttl disable-cold-start-eviction=false disable-mrt-writes=false
disable-write-dup-res=false disallow-expunge=false disallow-null-setname=false enable-benchmarks-batch-sub=false
enable-benchmarks-ops-sub=false enable-benchmarks-read=false enable-benchmarks-udf=false
enable-benchmarks-udf-sub=false enable-benchmarks-write=false enable-hist-proxy=false evict-hist-buckets=10000
evict-indexes-memory-pct evict-tenths-pct=5 force-long-queries=false ignore-migrate-fill-delay=false
index-stage-size=1073741824 indexes-memory-budget inline-short-queries=false max-record-size=1048576
migrate-order=5 migrate-retransmit-ms=5000 migrate-skip-unreadable=false migrate-sleep=1 mrt-duration
nsup-hist-period=3600 nsup-period=1 nsup-threads=1 partition-tree-sprigs=256 prefer-uniform-balance=false rack-id
read-consistency-level-override=off reject-non-xdr-writes=false reject-xdr-writes=false replication-factor=2
sindex-stage-size=1073741824 single-query-threads=1 stop-writes-sys-memory-pct=90 strong-consistency=false
strong-consistency-allow-expunge=false tomb-raider-eligible-age=86400 tomb-raider-period=86400
tomb-raider-unmark-threads transaction-pending-limit=20 truncate-threads=4 write-commit-level-override=off
xdr-bin-tombstone-ttl=86400 xdr-tomb-raider-period=120 xdr-tomb-raider-threads=1 geo2dsphere-within.strict=true
geo2dsphere-within.min-level=1 geo2dsphere-within.max-level=20 geo2dsphere-within.max-cells=12
geo2dsphere-within.level-mod=1 geo2dsphere-within.earth-radius-meters=6371000 index-type=mem sindex-type=mem
storage-engine=memory storage-engine.commit-to-device=false storage-engine.compression=none
storage-engine.compression-acceleration storage-engine.compression-level storage-engine.data-size=536870912
storage-engine.defrag-lwm-pct=50 storage-engine.defrag-queue-min storage-engine.defrag-sleep=1000
storage-engine.defrag-startup-minimum storage-engine.direct-files=false storage-engine.disable-odsync=false
storage-engine.enable-benchmarks-storage=false storage-engine.encryption-key-file=null
storage-engine.encryption-old-key-file=null storage-engine.evict-used-pct storage-engine.filesize
storage-engine.flush-max-ms=1000 storage-engine.max-write-cache=67108864 storage-engine.stop-writes-avail-pct=5
storage-engine.stop-writes-used-pct=70 storage-engine.tomb-raider-sleep=1000
"""
_SERVICE_CONFIG = """
advertise-ipv6=false auto-pin=none batch-index-threads=1 batch-max-buffers-per-queue=255 batch-max-requests
batch-max-unused-buffers=256 cgroup-mem-tracking=false cluster-name debug-allocations=false
disable-udf-execution=false enable-benchmarks-fabric=false enable-health-check=false enable-hist-info=false
enforce-best-practices=false indent-allocations=false info-max-ms=10000 info-threads=16
keep-caps-ssd-health=false log-local-time=false log-millis=false microsecond-histograms=false migrate-fill-delay
migrate-max-num-incoming=4 migrate-threads=1 min-cluster-size=1 node-id node-id-interface=null
os-group-perms=false pidfile=null poison-allocations=false proto-fd-idle-ms proto-fd-max=15000
quarantine-allocations query-max-done=100 query-threads-limit=32 run-as-daemon=true secrets-address-port=null
secrets-tls-context=null secrets-uds-path=null service-threads=1 sindex-builder-threads=4 sindex-gc-period=10
stay-quiesced=false ticker-interval=10 tls-refresh-period transaction-max-ms=1000 transaction-retry-ms=1002
vault-ca=null vault-namespace=null vault-path=null vault-token-file=null vault-url=null work-directory=null
"""
_NETWORK_CONFIG = """
service.port service.address=null service.access-port service.access-address=null service.alternate-access-port
service.tls-port service.tls-access-port service.tls-alternate-access-port service.tls-name=null
service.disable-localhost=false admin.port admin.address=null admin.tls-port admin.tls-name=null
admin.disable-localhost=false heartbeat.mode=mesh heartbeat.address=null heartbeat.port heartbeat.tls-port
heartbeat.tls-name=null heartbeat.interval=150 heartbeat.timeout=10 heartbeat.connect-timeout-ms=500
heartbeat.mtu=65536 heartbeat.protocol=v3 fabric.address=null fabric.tls-port fabric.tls-name=null
fabric.channel-bulk-fds=2 fabric.channel-bulk-recv-threads=4 fabric.channel-ctrl-fds=1
fabric.channel-ctrl-recv-threads=4 fabric.channel-meta-fds=1 fabric.channel-meta-recv-threads=4
fabric.channel-rw-fds=8 fabric.channel-rw-recv-pools=1 fabric.channel-rw-recv-threads=16
fabric.keepalive-enabled=true fabric.keepalive-intvl=1 fabric.keepalive-probes=10 fabric.keepalive-time=1
fabric.latency-max-ms=5 fabric.port fabric.recv-rearm-threshold=1024 fabric.send-threads=8
"""


def _table(text: str) -> dict[str, str]:
    table = {}
    for item in text.split():
        name, separator, value = item.partition("=")
        table[name] = value if separator else "0"
    return table


def join(table: dict[str, str]) -> str:
    """The text of an answer: ``name=value`` pairs."""
    return ";".join(f"{name}={value}" for name, value in table.items())


STATISTICS = _table(_STATISTICS)
NAMESPACE_STATISTICS = _table(_NAMESPACE_STATISTICS) | {
    f"storage-engine.stripe[{stripe}].{name}": "0" for stripe in range(_STRIPES) for name in _STRIPE_STATISTICS
}
NAMESPACE_CONFIG = _table(_NAMESPACE_CONFIG) | {
    f"storage-engine.stripe[{stripe}]": f"stripe-{stripe}" for stripe in range(_STRIPES)
}
SERVICE_CONFIG = _table(_SERVICE_CONFIG)
NETWORK_CONFIG = _table(_NETWORK_CONFIG)
