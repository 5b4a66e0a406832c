/**
 * POSIX sh for the boothook: a machine that boots a second time powers off, whoever rebooted it.
 *
 * The boothook's own check needs the user data again, which a guest may have removed and a cloud may not give twice;
 * so a unit of this disk's own does it too, before cloud-init. Both compare the machine's SMBIOS id, so that an image
 * made from this disk boots elsewhere. `/run/agentctl/armed` tells this boot from the next one.
 */
export const secondBoot = `machine_id() { cat /sys/class/dmi/id/product_uuid 2>/dev/null || cat /etc/machine-id; }
if [ -e /var/lib/agentctl/machine ] && [ "$(cat /var/lib/agentctl/machine)" = "$(machine_id)" ]; then
  end lost 'the machine booted a second time'
  power_off
fi
mkdir -p /var/lib/agentctl /etc/systemd/system/sysinit.target.wants
machine_id >/var/lib/agentctl/machine
cat >/var/lib/agentctl/second-boot <<'AGENTCTL_EOF'
id=$(cat /sys/class/dmi/id/product_uuid 2>/dev/null || cat /etc/machine-id)
[ "$id" = "$(cat /var/lib/agentctl/machine)" ] || exit 0
printf '\\nagentctl: end reason=lost the machine booted a second time\\n' >/dev/console
systemctl poweroff --force --force
AGENTCTL_EOF
cat >/etc/systemd/system/agentctl-second-boot.service <<'AGENTCTL_EOF'
[Unit]
Description=Power off a machine of agentctl that boots a second time
DefaultDependencies=no
ConditionPathExists=!/run/agentctl/armed
[Service]
Type=oneshot
ExecStart=/bin/sh /var/lib/agentctl/second-boot
AGENTCTL_EOF
ln -sf ../agentctl-second-boot.service /etc/systemd/system/sysinit.target.wants/`
