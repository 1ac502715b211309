import json, time, traceback
from typing import Any
from uuid import UUID
from query_city import USCC, city, give, hub, resident_id, uscc
import asyncpg

def show(name, f):
    a=time.time()
    try:
        r=f()
        print(f"## {name} [{time.time()-a:.2f}s]: {r.status} {r.answer.body[:260]!r}", flush=True)
    except BaseException as e:
        print(f"## {name} [{time.time()-a:.2f}s]: EXC {type(e).__module__}.{type(e).__name__}: {str(e)[:200]}", flush=True)

def test_probe(hub: Any, give: Any, city: Any, database: Any):
    q=hub.ask
    show("alias keys", lambda: q('{ persons(first:2) { keys: nodes { area } } }'))
    show("alias more", lambda: q('{ persons(first:2) { more: nodes { area } } }'))
    show("alias position", lambda: q('{ persons(first:2) { position: nodes { area } pageInfo {endCursor} } }'))
    show("alias t2", lambda: q('{ employer(uscc:"%s") { t2: name uscc } }'%USCC))
    for i in range(1,8):
        show(f"alias t{i} deep", lambda: q('{ employer(uscc:"%s") { insuredPersons(first:1) { t%d: area sex } } }'%(USCC,i)))
        show(f"alias t{i} page", lambda: q('{ persons(first:1) { nodes { t%d: area sex } edges { t%d: cursor node { t%d: area } } } }'%(i,i,i)))
    for n in ("n","total","j","k","row"):
        show(f"alias {n}", lambda: q('{ persons(first:1) { nodes { %s: area enrollments { %s: state } } } }'%(n,n)))
    show("openedSince min", lambda: q('{ findings(openedSince:"0001-01-01T00:00:00+14:00") { nodes { id } } }'))
    show("openedSince max", lambda: q('{ findings(openedSince:"9999-12-31T23:59:59-12:00") { nodes { id } } }'))
    show("openedSince naive", lambda: q('{ findings(openedSince:"2026-01-01T00:00:00") { nodes { id } } }'))
    show("registeredSince max", lambda: q('{ employers(first:1,registeredSince:"9999-12-31") { nodes { name } } }'))
    show("registeredSince min", lambda: q('{ employers(first:1,registeredSince:"0001-01-01") { nodes { name } } }'))
    show("float first", lambda: q('query($n:Int!){ persons(first:$n) { nodes { area } } }',{"n":2.0}))
    show("bool first", lambda: q('query($n:Int!){ persons(first:$n) { nodes { area } } }',{"n":True}))
    show("big first", lambda: q('query($n:Int!){ persons(first:$n) { nodes { area } } }',{"n":2**31}))
    show("null first", lambda: q('query($n:Int=5){ persons(first:$n) { nodes { area } } }',{"n":None}))
    show("nul", lambda: q('query($n:String){ persons(area:$n) { nodes { area } } }',{"n":"a\0b"}))
    show("surrogate", lambda: q('query($n:String){ persons(area:$n) { nodes { area } } }',{"n":"\ud800"}))
    show("surrogate doc", lambda: q('{ persons(area:"\\ud800") { nodes { area } } }'))
    show("nul doc", lambda: q('{ persons(area:"\\u0000") { nodes { area } } }'))
    show("nul doc braces", lambda: q('{ persons(area:"\\u{0}") { nodes { area } } }'))
    show("cursor nonascii", lambda: q('query($n:String){ persons(after:$n) { nodes { area } } }',{"n":"é'--"}))
    show("cursor empty", lambda: q('query($n:String){ persons(after:$n) { nodes { area } } }',{"n":""}))
    show("id int", lambda: q('{ node(id: 5) { __typename } }'))
    show("id empty", lambda: q('{ nodes(ids: []) { __typename } }'))
    show("node typename only", lambda: q('{ node(id: "x") { __typename } }'))
    show("event id odd", lambda: q('{ receiptProof(eventId: "{urn:uuid:00000000-0000-0000-0000-000000000000}") { eventId } }'))
    show("on min", lambda: q('{ enrollmentStatus(residentIds:["%s"], insurance:"injury", on:"0001-01-01") { status } }'%resident_id(1)))
    show("ins surrogate", lambda: q('query($i:String!){ enrollmentStatus(residentIds:["%s"], insurance:$i) { status } }'%resident_id(1),{"i":"\ud800"}))
    show("ins echo", lambda: q('query($i:String!){ enrollmentStatus(residentIds:["%s"], insurance:$i) { status } }'%resident_id(1),{"i":resident_id(1)}))
    show("dup key in stmt", lambda: q('{ a: persons(first:1){ nodes {area} } b: persons(first:1){ nodes {area} } __typename }'))
    show("syntax echo", lambda: q('{ person("371082198001010018") }'))
    show("syntax echo", lambda: q('{ x } "371082198001010018"'))
    show("explain echo", lambda: q('query($q:String!){ explainAccess(query:$q) { sentences } }',{"q":'{ person("371082198001010018") }'}))
    # explainAccess denial
    def ex(n): return 'rule' if n==0 else 'employer { findings { %s } } employer { findings { %s } }'%(ex(n-1),ex(n-1))
    big='query A { deliveries { nodes { name } } } '
    big='{ findings { nodes { '+ex(6)+' } } }'
    show("explain x20", lambda: q('query($q:String!){ '+' '.join(f'a{i}: explainAccess(query:$q) {{ allowed }}' for i in range(20))+' }',{"q":big}))
    # evidence / laterals
    many=' '.join(f'a{i}: enrollments(first:1) {{ state }}' for i in range(140))
    show("140 laterals", lambda: q('{ person(residentId:"%s") { %s } }'%(resident_id(1),many)))
    show("140 laterals again", lambda: q('{ person(residentId:"%s") { %s } }'%(resident_id(1),many)))
    deep='name'
    for i in range(5): deep='insuredPersons(first:1) { enrollments(first:1) { employer { %s } } }'%deep if i%1==0 else deep
    w=lambda k: ' '.join(f'a{i}: insuredPersons(first:5) {{ enrollments(first:5) {{ employer {{ insuredPersons(first:5) {{ area }} }} }} }}' for i in range(k))
    show("wide deep 50", lambda: q('{ employer(uscc:"%s") { %s } }'%(USCC,w(50))))
    show("wide deep 50 again", lambda: q('{ employer(uscc:"%s") { %s } }'%(USCC,w(50))))
    show("page laterals", lambda: q('{ persons(first:100) { nodes { %s } } }'%(' '.join(f'a{i}: enrollments(first:1) {{ state }}' for i in range(100)))))
    ids=[resident_id(i) for i in range(1,900)]
    show("status 24x899", lambda: q('query($ids:[String!]!){ '+' '.join(f'a{i}: enrollmentStatus(residentIds:$ids, insurance:"injury") {{ status }}' for i in range(24))+' }',{"ids":ids}))
    # quotas
    g=give("q1/few",'roots=["employer","employers","crossCheck","findings"]\n[fields.Employer]\nenrollments={}\nname={}\n[fields.Enrollment]\ncontributionBase={}\nstartsOn={}\ninsurance={}\n[[rows.Employer]]\neveryone=true\n[[rows.Enrollment]]\nreached=true', head='quota = { persons = 3, per = "day" }')
    show("employer.enrollments quota 3", lambda: q('{ employer(uscc:"%s") { enrollments(first:100) { insurance startsOn contributionBase } } }'%USCC, grant=g))
    g=give("q2/few",'roots=["persons"]\n[fields.Person]\narea={}\n[[rows.Person]]\neveryone=true', head='quota = { persons = 3, per = "day" }')
    show("edges cursor only", lambda: q('{ persons(first:40) { edges { cursor } pageInfo { hasNextPage } } }', grant=g))
    show("edges typename", lambda: q('{ persons(first:40) { nodes { __typename } } }', grant=g))
    # sloppy grants
    for body in ('column="nope"\nequals="x"','column="staff_declared"\nequals="5"','column="staff_declared"\nequals=5','column="registered_on"\nunder=["371082"]','column="name"\nsince=2020-01-01','column="registered_on"\nequals=2020-01-01', 'column="registered_on"\nin=["2020-01-01"]','column="name"\nequals=true', 'column="employer_key"\nequals="00000000-0000-0000-0000-000000000000"','column="known_from"\nsince=2020-01-01', 'column="staff_declared"\nequals=99999999999999999999', 'column="area"\nunder=["000000"]', 'column="region"\nunder=["370000"]'):
        try: g=give("sloppy/one",'roots=["employers"]\n[fields.Employer]\nname={}\n[[rows.Employer]]\n'+body)
        except Exception as e: print("##",body,"REFUSED",str(e)[:100]); continue
        show(body.replace("\n"," "), lambda: q('{ employers(first:1) { nodes { name } } }', grant=g))
    for f,m in (("id","last4"),("registeredOn","surname"),("staffDeclared","band"),("staffDeclared","last4"),("accounts","year"),("kind","band"),("uscc","year")):
        g=give("sloppy/two",'roots=["employers"]\n[fields.Employer]\n%s={mask="%s"}\n[fields.EmployerAccount]\nkind={}\n[[rows.Employer]]\neveryone=true\n[[rows.EmployerAccount]]\nreached=true'%(f,m))
        show(f"mask {f} {m}", lambda: q('{ employers(first:1) { nodes { %s } } }'%(f if f!="accounts" else "accounts{kind}"), grant=g))
    print(len(hub.answers._ready))
