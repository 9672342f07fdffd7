"""The words that rules are about: classes of them, and the spellings that texting gives them.

A class is written in CAPITALS in a rule and stands for any one of its words. To teach the rules a new word, add it to
its class here (or in ``care_words.py``: visits, pain, danger); to teach them a new spelling, add it to ``SPELLINGS``. Words are folded (``folding.py``): lower case,
no accents, no apostrophes.
"""

from __future__ import annotations

from typing import Final

from engage.domain.replies.care_words import CARE_CLASSES, CARE_SPELLINGS


def each(words: str) -> list[str]:
    """The words of a list that is written as a text."""
    return words.split()


CLASSES: Final[dict[str, frozenset[str]]] = {
    name: frozenset(words.split())
    for name, words in {
        **CARE_CLASSES,
        # --- around a request -------------------------------------------------------------------------------
        "POLITE": """please thanks thank you ok okay hi hello hey hiya sir madam maam mam kindly now immediately asap
            already so very much right away today yes no dear regards sincerely best folks guys team people
            bye sorry but just again too god jesus christ lord seriously really pretty then this it
            all everything once good morning afternoon evening day nice great appreciate appreciated y
            that forever permanently completely entirely totally altogether dammit damn goddamn
            fucking fuck freaking frigging effing bloody hell heck ffs wtf omg ugh lol stupid lady dude bro man
            por favor gracias hola ya ahora senor senora senorita buenos buenas buen dias dia tardes noches noche amigo
            amiga inmediatamente mismo muchas muy amable todo esto eso ok oye oiga porfa porfavor pf""",
        "PLEASE": "please thanks thank now immediately asap already again ever anymore kindly ok okay gracias ya porfa",
        "PURE": """please thanks thank you ok okay hi hello hey sir madam maam kindly now immediately asap regards dear
            good morning afternoon evening team folks por favor gracias hola ya ahora senor senora senorita buenos
            buenas dias tardes noches porfa muchas very much so""",
        "ADV": """please just kindly now immediately ever again already all also really completely simply right away
            fucking freaking goddamn damn effing bloody frigging permanently and with from forever totally therefore hereby""",
        "YOU": "you yall ya yourselves u",
        "I": "i we ive",
        "ME": "me us my our myself",
        "NOT": "not never dont without cannot aint neither nor",
        # Before "not" these tell of something and ask for nothing; "do" and nothing at all ask.
        "AUX": "can could did does has have had will would is are was were am ive",
        "CAN": "can could would will may might please",
        "SAID": "said told asked texted replied sent typed wrote say tell ask telling asking saying answered responded",
        "WANT": "want need like wish love prefer request ask demand wanna gotta hope desire require wanted",
        # --- messages ----------------------------------------------------------------------------------------
        "CEASE": "stop quit cease discontinue halt desist terminate",
        "OFF": "off from out",
        "TEXTING": """texting messaging contacting emailing spamming harassing soliciting notifying pinging
            stalking blasting communicating corresponding mailing""",
        "CALLING": "calling phoning writing sending reminding bothering bugging pestering annoying hounding disturbing badgering",
        "BOTHERING": "bothering bugging pestering annoying hounding disturbing badgering",
        "TEXT": "text message contact email spam harass solicit notify ping msg sms stalk",
        "BOTHER": "bother disturb bug pester hound annoy harass",
        "MSGS": """texts messages reminders notifications alerts emails communications updates spam communication
            correspondence newsletters mailings promos promotions ads blasts solicitations sms msgs mailers lessons
            spams offers advertisements junk marketing advertising texting messaging""",
        "MSG": "text message reminder notification alert email newsletter subscription mailing promo promotion lesson",
        "CALLS": "calls contact contacts phonecalls robocalls",
        "THESE": "these this those them it that",
        "STUFF": "anything stuff things crap shit bullshit garbage nonsense junk trash spam bs something",
        "FILL": """the these those this that all any anymore more your my such further other future of every each a an
            kind type sort kinds types automated automatic auto daily weekly constant constantly stupid annoying dumb damn
            fucking freaking goddamn unwanted unsolicited marketing promo promotional advertising sms text phone mobile
            clinic course health random spam ridiculous damned bloody effing frigging with out in on to from you another
            additional reminder email pointless useless irritating endless and or educational mass group silly lousy junk
            nonstop ur crappy shitty""",
        "DET": "the these those this that all any your my our of every",
        "LIST": """list lists database databases system systems distribution contacts mailing messaging texting directory
            subscription subscriptions subscribers recipients group groups blast rolodex roster files file records program
            service app mailings campaign campaigns thread chat""",
        "NUMBER": "number phone cell cellphone mobile telephone # digits num",
        "MINE": "number name phone cell contact info information email digits address cellphone num mobile",
        "REMOVE": "remove take delete drop strike scrub erase scratch pull get cross unlist exclude eliminate removed taken purge",
        "UNSUB": "unsubscribe unsubscribed",
        "REMOVED": "removed taken deleted dropped unsubscribed off out",
        "CONSENT": "consent permission authorization authorisation approval agreement",
        "REVOKE": "revoke revoking withdraw withdrawing rescind rescinding retract cancel cancelling canceling remove withdrawn revoked",
        # --- about something else ------------------------------------------------------------------------------
        "VISIT": """appointment appointments appt appts apt apts visit visits session sessions consult consultation
            checkup slot booking reservation schedule calendar waitlist waiting monday tuesday wednesday thursday friday
            saturday sunday tomorrow tonight class meeting rx prescription refill""",
        "WHEN": """at before until till after during while whenever between early late often morning night nights
            midnight weekend weekends sunday sundays saturday saturdays past""",
        # Known words that may stand with a capital where a name could.
        "COMMON": """available sure ready well home coming interested able late here done working free driving pregnant
            feeling going allergic sick better happy certain dr doctor doc mr mrs ms miss acupuncture covid medicare
            medicaid january february march june july august september october november december english spanish
            hurt hurting sleeping eating taking using doing making good bad fair right true funny okay fine possible
            necessary helpful enough what where when how anyone anything emergency convenient comfortable new old same
            alergica alergico diabetica diabetico paciente nueva nuevo doctora doctor seguro segura hispana mujer hombre
            usual normal easy fun cool married single male female vegan diabetic disabled retired covered insured""",
        # --- persons ---------------------------------------------------------------------------------------------
        "THE_WRONG": "wrong incorrect mistaken",
        "PERSON": """person guy number num # lady man woman phone recipient contact people patient cell individual one dude
            gal girl fella client no digits""",
        "SHE": "she he they",
        # --- feelings ----------------------------------------------------------------------------------------------
        "RUDE": """fuck fucking fucker fuckers screw bullshit bs wtf stfu gtfo asshole assholes bitch bitches idiot
            idiots moron morons jerk jerks fu foff crap shit damn bastards scammer scammers spammer spammers""",
        "ANNOYED": """annoying ridiculous irritating obnoxious harassment spam excessive unacceptable intrusive
            aggravating infuriating absurd outrageous unwanted pathetic stupid bullshit bs crap garbage junk scam creepy
            unprofessional insane nonsense overkill nuts useless shit unsolicited bothersome pestering dumb invasive bull bullcrap trash nuisance harassing""",
        "TIRED": "sick tired fed done over weary exhausted",
        # --- Spanish -------------------------------------------------------------------------------------------------
        "DEJE": """deje dejen deja dejad dejar pare paren para parad parar cese cesen cesar evite eviten evita evitar
            dejes pares dejan detenga detengan""",
        "ESCRIBIR": """escribir escribirme escribirnos mandar mandarme mandarnos enviar enviarme enviarnos molestar
            molestarme molestarnos llamar llamarme contactar contactarme contactarnos textear textearme fastidiar
            fastidiarme acosar acosarme joder joderme chingar spamear mensajear mensajearme molestando escribiendo
            mandando enviando llamando texteando mandandome enviandome escribiendome llamandome molestandome fregar
            chingando jodiendo mensajearme notificarme comunicarse recordarme contactando contactandome hostigar hostigarme""",
        "ESCRIBAN": """escriba escriban escribas escribais escribe escriben mande manden mandes mandan envie envien
            envies envian moleste molesten molestes molestan llame llamen llames contacte contacten contactes textee
            texteen textees textean texteen manda contactar fastidie fastidien mensajee mensajeen texten texte textes notifiquen
            notifique jodan joda chinguen busquen busque busques enviar escribir mandar contactarme""",
        "MENSAJES": """mensajes mensaje textos texto sms recordatorios recordatorio notificaciones notificacion avisos aviso
            correos correo mensajitos mensajito comunicaciones comunicacion publicidad promociones promocion llamadas
            anuncios alertas lecciones propaganda spam""",
        "QUITEN": """quite quiten quita quitar quitenme quiteme quitame quitarme saque saquen saca sacar saquenme saqueme
            sacame sacarme borre borren borra borrar borrenme borreme borrame borrarme elimine eliminen elimina eliminar
            eliminenme elimineme eliminame eliminarme remueva remuevan remover removerme remuevame remuevanme
            retire retiren retirenme retireme retirarme retirar""",
        "QUITENME": """quitenme quiteme quitame quitarme saquenme saqueme sacame sacarme borrenme borreme borrame borrarme
            eliminenme elimineme eliminame eliminarme removerme remuevame remuevanme retirenme retireme retirarme
            desuscribanme desuscribirme desuscribeme desuscribame desinscribanme desinscribirme desinscribame
            desafilienme desapuntenme desapuntarme""",
        "QUIERO": "quiero deseo quisiera queremos deseamos necesito quisieramos acepto autorizo permito quieran quisiese",
        "EL": """el la los las lo su sus tu tus mi mis esta este estos estas esa ese esos esas de mas otro otros otra
            ningun ninguna un una tanto tantos todos todas mandando recibiendo con tanta que ese sms por""",
        "LISTA": "lista listas sistema base datos registro contactos directorio agenda grupo suscripcion",
        "MI_NUMERO": "numero telefono celular contacto nombre cel movil",
        "EQUIVOCADO": "equivocado equivocada incorrecto incorrecta erroneo erronea errado equivocados equivocaron",
        "MOLESTO": "molesto molestos molesta pesados pesado pesada pesadas molestas fastidiosos fastidiosas fastidioso harto harta cansado cansada hartos fastidio hartan cansan",
    }.items()
}

# What people type, and the words it stands for.
SPELLINGS: Final[dict[str, str]] = {
    spelling: meant
    for line in """
        you: u yu ya yah youu
        your: ur yr
        yourself: urself
        please: pls plz plse pleas pleaase plase pleease peas plox pleez pleeze plzz plss plis
        thanks: thx thnx tks ty  tnx thankyou thanx
        text: txt tex texy tect
        texts: txts texs textes
        texting: txting txtin textin txtn texing texitng textng texring
        messages: msgs mssgs messges mesages mssages messsages messagess msges mgs msgz
        message: msg mssg mesage messge mssage mesg masage msge
        messaging: mssging msgng msging msgin messagin mesaging messeging messagging
        sending: sendin sendng snding
        bothering: botherin
        contacting: contactin
        calling: callin
        reminders: remindrs remiders
        stop: sto sotp stpo tsop stopp stp sttop sstop stip stob srop syop dtop stpp stopo stap stahp
        ugh: uggh ugghh ughh uhg uhgh
        quit: qut qiut quti quitt qit uqit
        unsubscribe: unsub unsuscribe unsubcribe unsubscribing unsubscrib unscribe desubscribe
        stop: stawp stahpp
        take: tk
        remove: rmv remve remov rmove removve remvoe
        how did: howd
        why is: whys
        where is: wheres
        are: r
        unsubscribed: unsuscribed unsubcribed
        phone: fone
        number: nmbr numbr nbr nuber
        wrong: wrng worng wrog rong
        because: bc cuz cause
        and: n &
        from: frm fr fom
        people: ppl peeps
        right: rite
        do not: dont dnt dun
        does not: doesnt doesn
        did not: didnt
        can not: cant cannot
        could not: couldnt
        will not: wont
        would not: wouldnt
        should not: shouldnt
        is not: isnt
        are not: arent
        was not: wasnt
        have not: havent
        has not: hasnt
        had not: hadnt
        i am: im
        i have: ive
        i would: id
        you are: youre
        you have: youve uve
        they are: theyre
        it is: its
        that is: thats
        who is: whos
        there is: theres
        what is: whats
        want to: wanna
        going to: gonna
        got to: gotta
        need to: needa
        let me: lemme
        no one: noone
        nobody: nobdy
        do not know: dunno
        opt out: optout
        leave: leav leve
        me: mee
        fuck: f*ck fck fuk fk fuq phuck f**k f*** fuc
        fucking: f*cking fcking fuckin f***ing f**king fkn fkin fking mf motherfucking f'ing fing
        shit: sh*t
        asshole: a**hole
        appointment: appointmnt appoitment apointment appoinment
        no mas: nomas
        por favor: porfavor xfavor xfa porfis pofavor
        que: q ke
        por que: porque pq xq
        mensajes: msjs mensages mensajs mensjes mjs mensajez
        mensaje: msj mensage
        numero: nro numro
        equivocado: ekivocado equibocado equivocdo ekibocado equivocao
        ya: lla
        me: m
        escriban: escrivan
        escriba: escriva
        gracias: grax grasias grcias
        no quiero: nokiero
        quiero: kiero
        molesten: molestn
        dejen: degen
        deje: dege
        """.strip().splitlines()
    + CARE_SPELLINGS.strip().splitlines()
    for meant, _, spellings in [line.strip().partition(": ")]
    for spelling in spellings.split()
}

# Given names, for "I'm not Maria" typed without capitals.
NAMES: Final = frozenset(
    each(
        """maria jose juan john mary james robert michael william david richard joseph thomas charles daniel
    matthew anthony mark donald steven paul andrew joshua kenneth kevin brian george edward ronald
    timothy jason jeffrey ryan jacob gary nicholas eric jonathan stephen larry justin scott brandon
    benjamin samuel gregory frank alexander raymond patrick jack dennis jerry tyler aaron patricia
    jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy betty margaret sandra ashley
    kimberly emily donna michelle carol amanda dorothy melissa deborah stephanie rebecca sharon laura
    cynthia kathleen amy angela shirley anna brenda pamela emma nicole helen samantha katherine
    christine debra rachel carolyn janet catherine heather diane ruth julie olivia joyce virginia
    victoria kelly lauren christina joan evelyn judith megan andrea cheryl hannah jacqueline martha
    gloria teresa ann sara madison frances kathryn janice jean abigail alice julia judy sophia grace
    denise amber doris marilyn danielle beverly isabella theresa diana natalie brittany charlotte marie
    kayla alexis lori carlos luis miguel pedro jorge francisco manuel antonio rosa carmen ana lucia
    guadalupe alejandro ricardo fernando roberto eduardo javier raul oscar sergio rafael ramon pablo
    diego elena sofia isabel claudia veronica silvia adriana gabriela beatriz yolanda leticia alberto
    enrique arturo hector julio cesar mario angel ada bob steve mike jim joe tom dave bill chris matt
    dan tony kate liz sue jen becky debbie cathy tina jose jesus ben sam alex max"""
    )
)
