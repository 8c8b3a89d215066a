//! Every verb of the setup: the good case, and the refusals with their exit codes.

use harness::World;

use super::all_run;

pub(super) const SETTING_UP: &str = "
    0 cluster add main --attendee-factor 2 --cpu-order 3 --checksum sha512 => Cluster main added
    5 cluster add main => cluster main already exists
    2 cluster add x --checksum md5 => md5
    2 cluster add x --attendee-factor=-1 => --attendee-factor
    1 cluster add x --meeting-factor 1000001 => meeting_factor: a number from 0 to 1000000
    1 cluster add x --cpu-order 101 => cpu_order: a number from 0 to 100
    1 cluster add x --cpu-max 1000001 => cpu_max: a number from 0 to 1000000
    1 cluster add x --target-cpu 0 => target_cpu: a percentage from 1 to 100
    1 cluster add x --target-cpu 101 => target_cpu: a percentage from 1 to 100
    0 cluster show main => checksum: sha512
    3 cluster show nowhere => cluster nowhere does not exist
    0 cluster list => main
    2 cluster list --sort colour => colour

    0 group add all --description Everything => Group all added
    5 group add all => group all already exists
    0 group assign all main => Cluster main assigned to group all
    0 group assign all main => Cluster main assigned to group all
    3 group assign all nowhere => cluster nowhere does not exist
    3 group assign nobody main => group nobody does not exist
    0 group show all => clusters: main
    3 group show nobody => group nobody does not exist
    0 group list => Everything
    2 group list --sort colour => colour

    0 node add n1 --cluster main --secret x --domain one.test => Node n1.one.test added, in maintenance
    5 node add n1 --cluster main --secret x --domain one.test => node n1.one.test already exists
    0 node add n2 --cluster main --secret x --domain one.test --active => Node n2.one.test added, active
    1 node add n_3 --cluster main --secret x --domain one.test => slug: a node's slug is 1-63 letters
    1 node add n3 --cluster main --secret x => domain: is required
    1 node add n3 --cluster main --secret x --domain http://one.test/ => domain: a host name
    3 node add n3 --cluster nowhere --secret x --domain one.test => cluster nowhere does not exist
    0 node show n1 => maintenance: yes
    0 node add n1 --cluster main --secret x --domain two.test => Node n1.two.test added
    5 node show n1 => node n1 is not unique: n1.one.test, n1.two.test
    0 node show n1.two.test => domain: two.test
    3 node show n9 => node n9 does not exist
    0 node maintenance n1.two.test off => Node n1.two.test: maintenance off
    3 node maintenance n9 on => node n9 does not exist
    2 node maintenance n2 maybe => maybe
    0 node drain n2 => Node n2.one.test: maintenance on, an unknown number of meetings left
    0 node undrain n2 => Node n2.one.test: maintenance off
    5 node undrain n2 => node n2.one.test is not being drained
    3 node wait n9 --for up => node n9 does not exist
    3 node drain n9 --wait => node n9 does not exist
    0 node list --explain => TAKES MEETINGS
    2 node rm n2 => --yes
    3 node rm n9 --yes => node n9 does not exist
    2 node drain n2 --timeout 1h => --wait
    0 node list => n2
    2 node list --state asleep => asleep

    0 tenant add BAR --group all --description School --meeting-limit 3 => hostname: bar.b3lb.test
    5 tenant add bar --group all => tenant BAR already exists
    1 tenant add B --group all => slug: a tenant's slug is 2-10 letters or digits
    3 tenant add BAZ --group nobody => group nobody does not exist
    0 tenant set BAR --meeting-limit 4 => Tenant BAR changed: meeting limit 4
    0 tenant set BAR --group g --attendee-limit 0 => Tenant BAR changed: group g, attendee limit 0
    3 tenant set BAR --group nobody => group nobody does not exist
    3 tenant set NOBODY --meeting-limit 1 => tenant NOBODY does not exist
    2 tenant set BAR => --meeting-limit
    0 tenant show BAR => meeting_limit: 4
    3 tenant show NOBODY => tenant NOBODY does not exist
    0 tenant list => School
    2 tenant list --sort stats_token => stats_token

    0 secret add BAR --sub-id 1 => hostname: bar-001.b3lb.test
    5 secret add BAR --sub-id 1 => secret BAR-001 already exists
    0 secret add BAR --sub-id 2 --secret 0123456789abcdefghijABCDEFGHIJ0123456789ab => Secret BAR-002 added
    1 secret add BAR --sub-id 3 --secret short => secret: a tenant's secret is 42 letters and digits
    2 secret add BAR --sub-id 1000 => 1000
    3 secret add NOBODY --sub-id 1 => tenant NOBODY does not exist
    0 secret show BAR-002 => has_second: no
    1 secret show BAR-9 => secret: a secret is named SLUG or SLUG-NNN
    3 secret list --tenant NOBODY => tenant NOBODY does not exist
    0 secret list => BAR-002
    5 secret promote BAR-001 => secret BAR-001 has no second key
    0 secret rotate BAR-001 => second secret:
    0 secret promote BAR-001 => Secret BAR-001: the second key is now the first
    0 secret drop-second BAR-001 --yes => Secret BAR-001: the second key is removed
    5 secret drop-second BAR-001 --yes => secret BAR-001 has no second key
    3 secret rotate BAR-999 => secret BAR-999 does not exist

    0 param set BAR muteOnStart true => Parameter muteOnStart of tenant BAR set to true on create
    0 param override BAR role VIEWER => Parameter role of tenant BAR overridden with VIEWER on join
    0 param override BAR logoutURL https://x.example/ --on both => Parameter logoutURL of tenant BAR overridden with https://x.example/ on join
    0 param block BAR welcome => Parameter welcome of tenant BAR blocked on create
    1 param set BAR meetingID x => meetingID binds a call to its meeting
    1 param override BAR checksum x => checksum binds a call to its meeting
    1 param block BAR MeetingEndedUrl => MeetingEndedUrl binds a call to its meeting
    1 param set BAR a/b c => name: 1-100 letters, digits
    2 param set BAR a b --on sideways => sideways
    3 param set NOBODY a b => tenant NOBODY does not exist
    0 param list BAR => muteOnStart
    0 param clear BAR muteOnStart --yes => Parameter muteOnStart of tenant BAR cleared
    3 param clear BAR muteOnStart --yes => muteOnStart does not exist
    3 param list NOBODY => tenant NOBODY does not exist

    0 asset set BAR --logo {folder}/logo.png --slide {folder}/slide.pdf => logo of tenant BAR stored: logo.png
    1 asset set BAR --slide {folder}/liar.pdf => slide: liar.pdf does not look like pdf
    1 asset set BAR --slide {folder}/slide.txt => slide: the file name must end in pdf
    1 asset set BAR --slide {folder}/missing.pdf => missing.pdf
    3 asset set NOBODY --slide {folder}/slide.pdf => tenant NOBODY does not exist
    0 asset list --tenant BAR => slide.pdf
    3 asset list --tenant NOBODY => tenant NOBODY does not exist
    0 asset rm BAR --slide --yes => Assets of tenant BAR removed: slide
    3 asset rm BAR --slide --yes => slide of tenant BAR does not exist
    2 asset rm BAR => --slide

    0 meeting list => ID
    3 meeting list --tenant NOBODY => tenant NOBODY does not exist
    3 meeting list --node n9 => node n9 does not exist
    3 meeting end BAR nothing --yes => meeting nothing does not exist
    2 meeting end BAR nothing => --yes
";

#[tokio::test]
async fn every_setting_up_verb_works_and_refuses() {
    let world = World::start(0).await;
    all_run(&world, SETTING_UP).await;
    let bar = world.foo.under("bar-002").with_key("0123456789abcdefghijABCDEFGHIJ0123456789ab");
    assert!(bar.get("getMeetings", &[]).await.ok(), "the given key counts at once");
}
