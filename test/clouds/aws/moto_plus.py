"""moto in this process, with what EC2 does and moto does not, and a door out of band for tests.

Ours, so no evidence of a real server: client tokens, 16 KB of user data, counts of a launch, tags of new buckets, of interfaces and
spot requests, instances that a list does not show yet, spot reclaims, and what a client token of ended instances gives.
"""
import base64
import hashlib
import json
import os
import re
import sys
import threading
import time

os.environ.setdefault("MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION", "true")
os.environ.setdefault("MOTO_ENABLE_AMI_VALIDATION", "true")

from moto.core.utils import utcnow
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import ec2_backends
from moto.ec2.models.instances import Instance, InstanceBackend, MetadataOptions, StateReason
from moto.ec2.responses.instances import InstanceResponse
from moto.ec2.models.tags import TagBackend
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, filter_dict_attribute_mapping, get_prefix
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.responses import S3Response
from moto.ssm.models import Parameter, ParameterDict
from werkzeug.serving import WSGIRequestHandler, run_simple

ACCOUNT = "123456789012"
USER_DATA_BYTES_MAX = 16_384
# EC2 has been seen to do both: to answer with the dead instances, and to refuse.
knobs = {"hideSeconds": 0, "countMax": 1000, "spentToken": "answers", "terminateSeconds": 0}
lock = threading.RLock()
consoles = {}


def refuse(code, message):
    raise EC2ClientError(code, message)


def fingerprint(*parts):
    return hashlib.sha256(repr(parts).encode()).hexdigest()


filter_dict_attribute_mapping["client-token"] = "client_token"
MOTO_NO_TOKEN = "ABCDE"
run_of_moto = InstanceBackend.run_instances


def run_instances(self, image_id, count, user_data, groups, **kw):
    given = user_data.as_bytes().decode() if user_data else ""
    with lock:
        if len(base64.b64decode(given)) > USER_DATA_BYTES_MAX:
            refuse("InvalidParameterValue", "User data is limited to 16384 bytes")
        tags = kw.get("tags") or {}
        for of_kind in tags.values():
            if any(key.startswith("aws:") for key in of_kind):
                refuse("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")
            if len(of_kind) > 50:
                refuse("TagLimitExceeded", "The maximum number of tags has been reached")
        token = kw.get("client_token")
        tokens = self.__dict__.setdefault("_tokens", {})
        asked = fingerprint(image_id, count, given, groups, sorted((k, repr(v)) for k, v in kw.items()))
        if token in tokens:
            print_before, reservation = tokens[token]
            is_dead = all(one.state in ("terminated", "shutting-down") for one in reservation.instances)
            if print_before != asked or (is_dead and knobs["spentToken"] == "refuses"):
                refuse("IdempotentParameterMismatch", "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).")
            return reservation
        wanted = min(count, knobs["countMax"], knobs.pop("countNext", count))
        if wanted == 0:
            refuse("InsufficientInstanceCapacity", "We currently do not have sufficient capacity.")
        reservation = run_of_moto(self, image_id, wanted, user_data, groups, **kw)
        for instance in reservation.instances:
            instance.user_data_given = given
            for interface in instance.nics.values():
                interface.add_tags(tags.get("network-interface", {}))
            if instance.lifecycle == "spot":
                open_spot_request(self, instance, tags.get("spot-instances-request", {}))
        if token and token != MOTO_NO_TOKEN:
            tokens[token] = (asked, reservation)
        return reservation


InstanceBackend.run_instances = run_instances


class SpotRequest:
    """As much of one as DescribeSpotInstanceRequests shows."""

    def __init__(self, instance, tags):
        self.id = "sir-" + instance.id[2:10]
        self.instance_id = instance.id
        self.tags = tags
        self.state = "active"
        self.created = utcnow().strftime("%Y-%m-%dT%H:%M:%S.000Z")


def spot_requests(backend):
    return backend.__dict__.setdefault("_spot", {})


def open_spot_request(backend, instance, tags):
    request = SpotRequest(instance, tags)
    instance.spot_instance_request_id = request.id
    spot_requests(backend)[request.id] = request


def xml(action, body):
    return f'<{action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>{body}</{action}Response>'


def describe_spot_requests(backend, data):
    filters = {}
    for number in range(1, 11):
        name = (data.get(f"Filter.{number}.Name") or [None])[0]
        if name:
            filters[name] = [v[0] for k, v in data.items() if k.startswith(f"Filter.{number}.Value.")]
    rows = []
    for one in spot_requests(backend).values():
        facts = {"state": one.state, "spot-instance-request-id": one.id, **{f"tag:{k}": v for k, v in one.tags.items()}}
        if all(facts.get(name) in values for name, values in filters.items()):
            tags = "".join(f"<item><key>{k}</key><value>{v}</value></item>" for k, v in one.tags.items())
            rows.append(
                f"<item><spotInstanceRequestId>{one.id}</spotInstanceRequestId><state>{one.state}</state>"
                f"<instanceId>{one.instance_id}</instanceId><createTime>{one.created}</createTime><tagSet>{tags}</tagSet></item>"
            )
    return xml("DescribeSpotInstanceRequests", f"<spotInstanceRequestSet>{''.join(rows)}</spotInstanceRequestSet>")


def cancel_spot_requests(backend, data):
    rows = []
    for key, value in data.items():
        if key.startswith("SpotInstanceRequestId."):
            request = spot_requests(backend).get(value[0])
            if request:
                request.state = "cancelled"
            rows.append(f"<item><spotInstanceRequestId>{value[0]}</spotInstanceRequestId><state>cancelled</state></item>")
    return xml("CancelSpotInstanceRequests", f"<spotInstanceRequestSet>{''.join(rows)}</spotInstanceRequestSet>")


def get_console_output(backend, data):
    """What the guest wrote, if anybody plays one; moto has a text of its own."""
    name = (data.get("InstanceId") or [""])[0]
    text = consoles.get(name)
    if text is None:
        return None
    output = base64.b64encode(text[-65536:].encode()).decode()
    return xml("GetConsoleOutput", f"<instanceId>{name}</instanceId><timestamp>{utcnow().strftime('%Y-%m-%dT%H:%M:%S.000Z')}</timestamp><output>{output}</output>")


tags_of_moto = TagBackend.describe_tags


def describe_tags(self, filters=None):
    """moto goes through the tags of all resources for those of one, which takes minutes for a thousand instances."""
    ids = (filters or {}).get("resource-id", [])
    if set(filters or {}) != {"resource-id"} or any(re.search(r"[*?]", one) for one in ids):
        return tags_of_moto(self, filters)
    kind = lambda one: EC2_PREFIX_TO_RESOURCE.get(get_prefix(one), "")
    return [
        {"resource_id": one, "key": key, "value": value, "resource_type": kind(one)}
        for one in ids
        for key, value in self.tags.get(one, {}).items()
    ]


TagBackend.describe_tags = describe_tags

response_of_moto = InstanceResponse.run_instances


def run_response(self):
    # moto launches MinCount, EC2 as many as it can up to MaxCount.
    self.params["MinCount"] = self.params.get("MaxCount", 1)
    return response_of_moto(self)


InstanceResponse.run_instances = run_response

validate_of_moto = InstanceResponse._validate_block_device_mapping


def validate_block_device_mapping(mapping):
    """A root volume without a size has that of the image."""
    if "Ebs" in mapping:
        mapping["Ebs"].setdefault("VolumeSize", 8)
    return validate_of_moto(mapping)


InstanceResponse._validate_block_device_mapping = staticmethod(validate_block_device_mapping)

describe_of_moto = InstanceBackend.describe_instances


def describe_instances(self, filters=None):
    """As a lagging list: what is younger than `hideSeconds` is not there yet."""
    now = utcnow().timestamp()
    for instance in [one for all_of in self.reservations.values() for one in all_of.instances]:
        settle(instance)
    shown = describe_of_moto(self, filters)
    if not knobs["hideSeconds"]:
        return shown
    for reservation in shown:
        reservation.instances = [
            one for one in reservation.instances if now - one.launch_time.timestamp() >= knobs["hideSeconds"]
        ]
    return [one for one in shown if one.instances]


InstanceBackend.describe_instances = describe_instances

terminate_of_moto = Instance.terminate


def terminate(self):
    previous = terminate_of_moto(self)
    if knobs["terminateSeconds"]:
        self._state.name, self._state.code = "shutting-down", 32
        self.terminated_at = time.time() + knobs["terminateSeconds"]
    for request in spot_requests(self.ec2_backend).values():
        if request.instance_id == self.id:
            request.state = "closed"
    return previous


def settle(instance):
    if instance.state == "shutting-down" and time.time() >= getattr(instance, "terminated_at", 0):
        instance._state.name, instance._state.code = "terminated", 48


Instance.terminate = terminate

modify_of_moto = InstanceBackend.modify_instance_metadata_options


def modify_instance_metadata_options(self, instance_id, **changes):
    before = vars(self.get_instance(instance_id).metadata_options).copy()
    answer = modify_of_moto(self, instance_id, **changes)
    after = self.get_instance(instance_id).metadata_options
    for name, value in before.items():
        if vars(after).get(name) is None:
            setattr(after, name, value)
    return answer


InstanceBackend.modify_instance_metadata_options = modify_instance_metadata_options

check_of_moto = ParameterDict._check_loading_status


def check(self, key):
    check_of_moto(self, key)
    if str(key or "").startswith("/aws/service/canonical/") and key not in self.keys():
        image = Parameter(
            account_id=self.account_id, name=key, value="ami-785db401", parameter_type="String", description=None,
            allowed_pattern=None, keyid=None, last_modified_date=0, version=1, data_type="aws:ec2:image",
        )
        super(ParameterDict, self).__getitem__(key).append(image)


ParameterDict._check_loading_status = check

put_of_moto = S3Response._bucket_response_put


def create_bucket_with_tags(self, request, bucket_name, querystring):
    answer = put_of_moto(self, request, bucket_name, querystring)
    tags = [] if querystring else re.findall(r"<Tag><Key>(.*?)</Key><Value>(.*?)</Value></Tag>", self.body.decode())
    if tags:
        self.backend.put_bucket_tagging(bucket_name, dict(tags))
    return answer


S3Response._bucket_response_put = create_bucket_with_tags


def every_instance(region):
    backend = ec2_backends[ACCOUNT][region]
    for reservation in list(backend.reservations.values()):
        yield from reservation.instances


def row(instance):
    settle(instance)
    return {
        "id": instance.id,
        "state": instance.state,
        "index": int(instance.ami_launch_index),
        "userData": getattr(instance, "user_data_given", ""),
        "shutdownBehavior": instance.instance_initiated_shutdown_behavior,
        "tags": {tag["key"]: tag["value"] for tag in instance.get_tags()},
        "market": "spot" if instance.lifecycle == "spot" else "on-demand",
        "type": instance.instance_type,
        "subnet": instance.subnet_id,
        "metadata": {
            "tokens": getattr(instance.metadata_options, "http_tokens", None),
            "hops": getattr(instance.metadata_options, "http_put_response_hop_limit", None),
        },
    }


def is_of(instance, owner):
    return owner is None or instance.ec2_backend.tags.get(instance.id, {}).get("agentctl-owner") == owner


def brief(instance, is_new):
    """As little as a look ten times a second needs: the user data of a thousand instances is many megabytes."""
    own = {"id": instance.id, "index": int(instance.ami_launch_index)}
    return {**own, "userData": getattr(instance, "user_data_given", "")} if is_new else own


def resources(region):
    """All that costs something: instances that have not ended, volumes, interfaces of instances, open spot requests."""
    backend = ec2_backends[ACCOUNT][region]
    tags = lambda one: {tag["key"]: tag["value"] for tag in one.get_tags()}
    yield from ({"kind": "instance", **row(one)} for one in every_instance(region) if row(one)["state"] != "terminated")
    yield from ({"kind": "disk", "id": one.id, "tags": tags(one)} for one in backend.volumes.values())
    yield from ({"kind": "interface", "id": one.id, "tags": tags(one)} for one in backend.enis.values())
    for one in spot_requests(backend).values():
        if one.state in ("open", "active"):
            yield {"kind": "spot-request", "id": one.id, "tags": one.tags}


def power_off(region, name):
    """What EC2 does when a guest powers itself off."""
    instance = next(one for one in every_instance(region) if one.id == name)
    if instance.state in ("terminated", "shutting-down"):
        return
    if instance.instance_initiated_shutdown_behavior == "terminate":
        instance.terminate()
        instance.state_reason = StateReason("Client.InstanceInitiatedShutdown: Instance initiated shutdown", "Client.InstanceInitiatedShutdown")
    else:
        instance.stop()


def reclaim(region, name):
    """The spot market takes an instance back."""
    instance = next(one for one in every_instance(region) if one.id == name)
    instance.terminate()
    instance.state_reason = StateReason("Server.SpotInstanceTermination: Spot instance termination", "Server.SpotInstanceTermination")


def rename_state(region, name, state):
    instance = next(one for one in every_instance(region) if one.id == name)
    instance._state.name, instance._state.code = state, 99


def out_of_band(path, body):
    region = body.get("region", "us-east-1")
    with lock:
        if path == "knobs":
            knobs.update({key: value for key, value in body.items() if key != "region"})
            return knobs
        if path == "instances":
            return [row(one) for one in every_instance(region)]
        if path == "running":
            known = set(body["known"])
            running = [one for one in every_instance(region) if one.state in ("pending", "running") and is_of(one, body.get("owner"))]
            return [brief(one, one.id not in known) for one in running]
        if path == "resources":
            return list(resources(region))
        if path == "console":
            consoles[body["id"]] = consoles.get(body["id"], "") + body["text"]
            return None
        acts = {"power-off": power_off, "reclaim": reclaim}
        if path in acts:
            return acts[path](region, body["id"])
        if path == "state":
            return rename_state(region, body["id"], body["state"])
    raise KeyError(path)


app = DomainDispatcherApplication(create_backend_app)
answers = {
    "DescribeSpotInstanceRequests": describe_spot_requests,
    "CancelSpotInstanceRequests": cancel_spot_requests,
    "GetConsoleOutput": get_console_output,
}


def wsgi(env, start):
    import io
    from urllib.parse import parse_qs

    body = env["wsgi.input"].read(int(env.get("CONTENT_LENGTH") or 0)) if env["REQUEST_METHOD"] in ("POST", "PUT") else b""
    path = env["PATH_INFO"]
    if path.startswith("/_cloud/"):
        answer = json.dumps(out_of_band(path.removeprefix("/_cloud/"), json.loads(body or b"{}")), default=str).encode()
        start("200 OK", [("content-type", "application/json")])
        return [answer]
    if env["REQUEST_METHOD"] in ("POST", "PUT"):
        env["wsgi.input"] = io.BytesIO(body)
    if env["REQUEST_METHOD"] == "POST" and path == "/":
        data = parse_qs(body.decode("latin1"))
        action = (data.get("Action") or [""])[0]
        if action in answers:
            region = env.get("HTTP_AUTHORIZATION", "/////us-east-1/").split("Credential=")[-1].split("/")
            backend = ec2_backends[ACCOUNT][region[2] if len(region) > 2 else "us-east-1"]
            with lock:
                text = answers[action](backend, data)
            if text is not None:
                start("200 OK", [("content-type", "text/xml")])
                return [text.encode()]
    return app(env, start)


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_):
        pass


def leave_with_parent():
    """The starter holds our standard input; it is closed when the starter is no more."""
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=leave_with_parent, daemon=True).start()
run_simple("127.0.0.1", int(sys.argv[1]), wsgi, threaded=True, request_handler=Quiet)
