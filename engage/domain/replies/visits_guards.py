"""What has the words of an answer about a visit and is none: denied, asked about, done already, or about something
else that can be cancelled, changed or late."""

from __future__ import annotations

from typing import Final

from engage.domain.replies.reading import ABOUT_SOMETHING_ELSE as SURE
from engage.domain.replies.rules import Rule, Table

NOT_ASKED: Final = Table(
    Rule(
        "Asks about changing or cancelling, denies it, or tells that it is done.",
        SURE,
        """
        (not|never|without|no need to|no reason to|instead of|rather than) (really|actually|ever|even|just|please|yet){0,2} (want|need|mean|intend|ask|asking|wish|like|plan|planning|going|trying|have|had|meant|wanting|asked){0,2} (you|me|to|for|it){0,3} (cancel|cancelling|cancelled|reschedule|rescheduling|rescheduled|confirm|confirmed|confirming|change|move|switch|postpone|postponed) _{0,4}
        (if|when) (i|we|you|someone) (have to|need to|want to|must|do|ever|will|had to|already){0,2} (cancel|reschedule|change|move|confirm|cancelled) _{0,3}
        (fee|fees|charge|charged|cost|policy|penalty|deadline|notice) (to|for|if|on|about){1,2} (a|i|the|late|my)? (cancel|cancelling|cancellation|reschedule|rescheduling|change|late|being late) _{0,3}
        (cancellation|cancellations|cancel|reschedule|rescheduling|late) (fee|fees|policy|list|charge|culture|deadline|reply|response|period|payment|payments|bill|husband|wife|night|nights|afternoon|evening|lunch|hours|start|shift|riser|stage|model|opening|appointments|slots)
        how late _{0,5}
        (not|it|it is|that is|its) (that|too|so|very|getting|already){0,2} late
        (too|very|open|work|works|working|stay|worked|better|until|till|sleep|slept|up|out|my husband|payment|period|invoice|bill|package|texts|texts came|message|messages|reply|replying|responding|response|rent|of|as|later|eat|ate|comes|came in) (is|was|will be|be|in)? late(?! (for|to) (my|the|our) BOOKED)
        (do not|never|not) (want to|like to|plan to)? be late
        late (replying|responding|answering|with (my|the)|on (my|the) (payment|bill|rent))
        (am|is|are) (i|my|it|we|the|this) BOOKED? (still|all)? (confirmed|on|scheduled|booked|set)
        stop (also)? cancel _{0,3}
        does (that|this|it) (change|move|cancel) _{0,3}
        no (more)? (appointments|slots|times|openings) (available|left|open|for|on|please|until)? _{0,3}
        (you|you guys|doctor|dr|clinic|staff|doctors|bus stop|NAME UNKNOWN) (is|are|was|were|always|all|still|running|being|often|been|usually){1,3} late (yesterday|last|again|today|when|a lot|all the time|>)
        (is|are|was|were) (the|your|my|you|dr|doctor|clinic|she|he|NAME){1,3} (running|always|still|going to be|usually|ever){0,2} (late|behind|delayed|on time)
        (did|have|has|had|was|is|were) (you|i|they|she|he|my|the|it|we){1,2} BOOKED? (already|just|ever|been|get|actually){0,2} (cancel|cancelled|reschedule|rescheduled|confirm|confirmed|changed|moved)
        why (did|was|is|were|has|have) _{0,4} (cancel|cancelled|rescheduled|changed|moved)
        (i|we|he|she|you|they) (have|had)? (already|just|never)? (rescheduled|cancelled|postponed|changed) (you|on|my (surgery|mind|bandage|insurance|number|address|gym|flight|vacation|subscription)|online|already|it online|by phone|the|with|me)
        (will|can|could|would|do|did|how do|please|to|you|need to|should|may) (i|you|we|someone|anyone|they|please|just|have to|need to|when|where|to|yall){1,3} confirm (my (insurance|address|email|number|name|info|dob|phone|pharmacy)|the|when|that|which|what|if|whether|how|by|with|for me|BOOKED|my|this|it|>)
        (please)? confirm (my|the|your|our) (insurance|address|email|number|name|info|phone|time|date|location|price|cost|hours|pharmacy|copay|balance)
        (will|to|let me|need to|have to|must|waiting to|can|ill) confirm (later|tomorrow|with|soon|when|once|after|tonight|by|asap|if|whether|and)
        (let me|to) (check|see|confirm) (with|and|if)
        not (confirmed|confirm) (yet)?
        (how|when|where) (do|can|should|must|to) (i)? confirm
        cancel (my|that|the|this|your) (last|previous|gym|netflix|flight|membership|subscription|insurance|order|card|policy|cable|other|texts|text|earlier|cable|prescription|payment|credit) _{0,3}
        cancel (my|that|the|this){0,2} last _{0,3}
        (cancelled|cancelling|cancel) (my|our|the|his|her) (flight|vacation|trip|gym|netflix|membership|plans|other|meeting|subscription|class|date)
        (change|changed|changing|update|switch|switching|move|moved|moving) (of|in|my|the|your|our|to){0,2} (address|phone|number|insurance|email|pharmacy|name|bandage|dressing|card|payment|clothes|shirt|diet|medication|meds|dose|password|doctor|doctors|primary|subject|pain|oil|tire|mind|plan|bank|account|generic|car|house|home|apartment|arm|arms|leg|legs|neck|head|shoulder|back|foot|feet|hand|hands|fingers|better|around|bowels|pillow|cream|language|settings|profile|credit|emergency)
        (move|moved|moving) (to|from|into) (a|an|the|another|new|ohio|MONTH|UNKNOWN) (new|house|place|state|city|apartment|address|home)
        something came up (on|in|with|at) (the|my|your) (scan|results|test|mri|xray|x|blood|screen|labs|lab|report|chart|search)
        """,
    ),
    Rule(
        "Is about something else that can't be done, missed, changed or reached.",
        SURE,
        """
        (can|could|will) not (wait|stop|sleep|bend|turn|sit|lift|open|log|complain|read|see the|see your|see my|hear|reach|pay|feel|talk|remember|tell|believe|afford|eat|drink|decide|think|park|access|load|get in touch|get through|get (the|my|this) (link|form|code|app|portal|page|video)|get (it|this) to|make (a|the (link|app|site|video|page|form|payment|pain)|it stop|it work|it hurt|out|sense|sure|this stop)|come to the (phone|door)|go (to the (gym|bathroom|store|pool)|up|down|running|swimming|back to)|do (the|my|yoga|my exercises|push|stairs|this (exercise|stretch|form|pose)|that (exercise|stretch)|it without|this without|exercise)|use|move|walk|stand|reply|text|answer) _{0,4}
        (not|never) (going|getting|coming) (well|away|back|any better|better|off|out|up|through)
        not (coming|going) (off|out|away|through|to (the (gym|store|bathroom|pool)|hurt|work|lie|the gym|sleep|bed))
        (miss|missed|missing) (your|you|my|the|a|this|her|him|that) (call|calls|guys|text|texts|message|messages|voicemail|class|all|all so|dose|mom|dad|dog|old|exit|question|page|step|lesson)
        miss (you|him|her|them) (all|guys|so|too|>)
        (skip|skipping|skipped) (the|my|a)? (form|breakfast|lunch|dinner|meds|medication|dose|coffee|exercise|exercises|stretches|line|lesson|question|questions|step|intake|ice|meal|meals|paperwork|survey|page|pills|caffeine)
        (pass|passed|passing) (by|the|my|out|away|on the (right|left)|a)
        (running|run) (a (fever|temperature|marathon|race|temp|mile|bath|test)|shoes|errands|yesterday|again|nose|every|is|was|the|in|on the|hurts|club|group|water|after|out of)
        behind (the|my|your|our|a|on|in|it|that|UNKNOWN BOOKED)(?! (schedule|accident|an|wreck|truck|bus|crash))
        stuck (on (page|the (login|form|first|last|app|question|page|link|password))|in my (head|throat|neck|back)|with|to (my|the)|at (login|page))
        traffic (light|lights|near|is like|around|by you|school|ticket|cone)
        (how|is there|any) (is|bad|much)? (the)? traffic
        delayed (reaction|billing|onset|response|soreness|payment|refund)
        (see|saw|seen) (attached|above|below|the|you on (the|your)|your|it|a|if|any|what|my)
        (looking forward to) (hearing|the|your (call|reply|response)|a|getting)
        (who|what|when|where|which|why|how|will|is|are|does|can|should|do|whom) (the|your|my|a|dr|doctor|NAME|you|anyone|someone|time|will|i|we|she|he|is|are){1,4} be there
        (be|am|was|are|were) there (in spirit|every|yesterday|last|before|already|a|for you|anyone|any)
        (are|is|was|were) (you|anyone|anybody|she|he|they|someone) there
        """,
    ),
    Rule(
        "Asks about changing or cancelling in Spanish, denies it, or is about something else.",
        SURE,
        """
        (no|nunca) (quiero|quise|deseo|necesito|voy a|pienso|puedo|he|hace falta|quisiera|quieran){0,2} (cancelar|cancelen|cancele|cancelado|cambiar|cambie|cambien|reprogramar|confirmar|confirmado|mover|posponer|cancelo) _{0,3}
        (si|cuando) (yo)? (cancelo|cambio|cancele|tengo que cancelar|quiero cancelar|llego tarde) _{0,3}
        (cobran|cobrar|costo|cargo|cobro|multa|politica) (SEP|_){0,3} (cancelar|cancelo|cancelacion|cambiar|tarde)
        (cancelaron|cambiaron|confirmaron|movieron) (mi|la|su) CITA
        (me|nos|puede|pueden|podria|podrian|por favor) (puede|pueden|podria)? (confirmar|confirma|confirme|confirmen|confirmarme) _{0,4}
        (confirme|confirmen|confirmar) (la|mi|el|su) (direccion|hora|fecha|numero|telefono|seguro|nombre|correo)
        (esta|sigue) (confirmada|confirmado|cancelada|en pie)
        (cambiar|cambio|cambie|actualizar|mover) (de|mi|mis|la|el){0,2} (direccion|telefono|numero|seguro|nombre|correo|venda|vendaje|medicina|dosis|tarjeta|ropa|doctor|casa|brazo|pierna|cuello|medicamento|domicilio|email)
        (no) (puedo|pude|podia|puede) (dormir|doblar|doblarme|abrir|ver|entrar|encontrar|leer|caminar|mover|sentarme|levantar|pagar|oir|escuchar|hablar|dejar|parar|creer|comer|respirar|esperar|agacharme|girar|voltear|usar|recordar|trabajar|cargar|llamar|comunicarme|acceder|estacionar|mas|hacer (los|el|mis)|con (el|la|este|mi|tanto)|contestar|acostarme|descansar|tragar|orinar|aguantar|sentir|quitarme|perder) _{0,3}
        (no)? (voy|ir|iba|fui) (al|a la|a el|a mi|a un|a una|a) (gimnasio|farmacia|bano|tienda|trabajo|casa|escuela|banco|iglesia|playa|supermercado|dentista|otro)
        (mas|muy|hasta|tan|de la|que|por la|esta|la|las|buenas|contestar|responder|trabajo|demasiado|buena|una|en la|cada|toda la|perdon por contestar|le llamo) (tarde|tardes)(?! (a la|para la|a mi) CITA)
        (llamo|llame|llamare|escribo|aviso|hablamos|pago) (mas)? tarde
        (hay|como esta) (mucho|el)? trafico (por|ahi|en|cerca|>> )
        nos vemos (bien|mal|en (las|el|los) (redes|facebook))
        """,
    ),
)
